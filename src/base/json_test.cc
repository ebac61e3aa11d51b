#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace oki {
namespace {

Bytes quoted(ByteView text) {
  Bytes out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  Bytes out;
  JsonWriter json(out);
  json.begin_object();
  json.field("a", 1).field("b", "x").field("c", true);
  json.key("d").begin_array().end_array();
  json.key("e").begin_array().number(1).begin_object().end_object().null().string("y").end_array();
  json.key("f").begin_object().field("g", std::int64_t{-1}).end_object();
  json.key("h").raw("[1]").key("i").boolean(false);
  json.end_object();
  EXPECT_EQ(out, R"({"a":1,"b":"x","c":true,"d":[],"e":[1,{},null,"y"],"f":{"g":-1},"h":[1],)"
                 R"("i":false})");
}

TEST(JsonWriter, WritesWholeIntegers) {
  Bytes out;
  JsonWriter json(out);
  json.begin_array();
  json.number(std::numeric_limits<std::int64_t>::min());
  json.number(std::numeric_limits<std::uint64_t>::max()).number(0);
  json.end_array();
  EXPECT_EQ(out, "[-9223372036854775808,18446744073709551615,0]");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  Bytes out = "42";
  JsonWriter(out).begin_array().string("message").end_array();
  EXPECT_EQ(out, R"(42["message"])");
}

TEST(JsonString, EscapesWhatMustBeAndNothingElse) {
  EXPECT_EQ(quoted(""), "\"\"");
  EXPECT_EQ(quoted("plain / text"), "\"plain / text\"");
  EXPECT_EQ(quoted("\"\\"), R"("\"\\")");
  EXPECT_EQ(quoted("a\nb\tc\r"), R"("a\nb\u0009c\u000d")");
  EXPECT_EQ(quoted(ByteView("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
  EXPECT_EQ(quoted("\xE5\x86\x86 \xF0\x9F\x98\x80"), "\"\xE5\x86\x86 \xF0\x9F\x98\x80\"");
}

// RFC 8259 section 8.1: a document is UTF-8. Bytes that are none come from strangers and must not
// make a document that its reader refuses.
TEST(JsonString, ReplacesWhatIsNotUtf8) {
  const Bytes replaced = "\xEF\xBF\xBD";
  EXPECT_EQ(quoted("a\xFF"), "\"a" + replaced + "\"");
  EXPECT_EQ(quoted("\xE5\x86"), "\"" + replaced + replaced + "\"");
  EXPECT_EQ(quoted("\xC0\x80\"\xE5\x86\x86"), "\"" + replaced + replaced + "\\\"\xE5\x86\x86\"");
  EXPECT_EQ(quoted("\xED\xA0\x80"), "\"" + replaced + replaced + replaced + "\"");
}

}  // namespace
}  // namespace oki
