#include "crypto/crypto.h"

#include <gtest/gtest.h>

#include <set>

#include "base/prng.h"

namespace oki::crypto {
namespace {

Bytes unhex(ByteView text) { return from_hex(text).value(); }

class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : prng_(seed) {}
  Bytes bytes(std::size_t count) override {
    Bytes out;
    while (out.size() < count) out.push_back(static_cast<char>(prng_.next()));
    return out;
  }

 private:
  Prng prng_;
};

// FIPS 180-4 examples and the NIST long message.
TEST(Sha256, AgreesWithTheNistVectors) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(Bytes(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha1, AgreesWithTheNistVectors) {
  EXPECT_EQ(hex(sha1("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

struct HmacVector {
  const char* name;
  Bytes key;
  Bytes message;
  std::string mac;
};

// RFC 4231 section 4; case 5 there is truncated and tells nothing more.
TEST(HmacSha256, AgreesWithRfc4231) {
  const HmacVector vectors[] = {
      {"case 1", Bytes(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"case 2", "Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {"case 3", Bytes(20, '\xaa'), Bytes(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {"case 4", unhex("0102030405060708090a0b0c0d0e0f10111213141516171819"), Bytes(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {"case 6", Bytes(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {"case 7", Bytes(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The "
       "key needs to be hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const HmacVector& vector : vectors) {
    EXPECT_EQ(hex(hmac_sha256(vector.key, vector.message)), vector.mac) << vector.name;
  }
}

// RFC 2202 section 3.
TEST(HmacSha1, AgreesWithRfc2202) {
  EXPECT_EQ(hex(hmac_sha1(Bytes(20, '\x0b'), "Hi There")),
            "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(hex(hmac_sha1("Jefe", "what do ya want for nothing?")),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(
      hex(hmac_sha1(Bytes(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

TEST(HmacSha256, AnEmptyKeyIsNotTheKeyOfTheCallBefore) {
  const std::string empty = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  EXPECT_EQ(hex(hmac_sha256({}, {})), empty);
  EXPECT_NE(hex(hmac_sha256("another", {})), empty);
  EXPECT_EQ(hex(hmac_sha256({}, {})), empty);
}

struct SignatureVector {
  const char* seed;
  const char* public_key;
  const char* message;
  const char* signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr SignatureVector signature_vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519, AgreesWithRfc8032) {
  for (const SignatureVector& vector : signature_vectors) {
    const SigningKey key = signing_key_from_seed(unhex(vector.seed));
    const Bytes message = unhex(vector.message);
    EXPECT_EQ(hex(key.public_key), vector.public_key);
    EXPECT_EQ(hex(sign(key, message)), vector.signature);
    EXPECT_TRUE(verify(key.public_key, message, unhex(vector.signature)));
  }
}

TEST(Ed25519, RefusesEveryAlteredBitAndEveryWrongLength) {
  const SigningKey key = signing_key_from_seed(Bytes(32, 's'));
  const Bytes message = "withdraw 1 btc";
  const Bytes signature = sign(key, message);
  ASSERT_TRUE(verify(key.public_key, message, signature));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    Bytes altered = signature;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(verify(key.public_key, message, altered)) << bit;
  }
  EXPECT_FALSE(verify(key.public_key, "withdraw 2 btc", signature));
  EXPECT_FALSE(verify(key.public_key, message, signature.substr(1)));
  EXPECT_FALSE(verify(key.public_key, message, signature + "x"));
  EXPECT_FALSE(verify(key.public_key.substr(1), message, signature));
  EXPECT_FALSE(verify({}, message, {}));
}

TEST(Seal, OpensWhatItSealed) {
  SeededRandom random(1);
  const Bytes key(seal_key_bytes, 'k');
  for (const Bytes& plain : {Bytes(), Bytes("x"), Bytes(1000, '\0')}) {
    const Bytes sealed = seal(random, key, plain);
    EXPECT_EQ(sealed.size(), plain.size() + 40);
    EXPECT_EQ(unseal(key, sealed), plain);
  }
}

TEST(Seal, RefusesForgedTruncatedAndForeignBytes) {
  SeededRandom random(2);
  const Bytes key(seal_key_bytes, 'k');
  const Bytes sealed = seal(random, key, "secret");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes altered = sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_EQ(unseal(key, altered), std::nullopt) << i;
    EXPECT_EQ(unseal(key, ByteView(sealed).substr(0, i)), std::nullopt) << i;
  }
  EXPECT_EQ(unseal(Bytes(seal_key_bytes, 'j'), sealed), std::nullopt);
}

TEST(Seal, NeverUsesANonceTwice) {
  SeededRandom random(3);
  const Bytes key(seal_key_bytes, 'k');
  EXPECT_NE(seal(random, key, "same"), seal(random, key, "same"));
}

TEST(Seal, AKeyOfAWrongLengthIsABug) {
  SeededRandom random(4);
  EXPECT_DEATH(seal(random, "short", "x"), "key.size");
  EXPECT_DEATH(unseal("short", "x"), "key.size");
}

TEST(Hex, IsLowerCaseAndReadsBoth) {
  EXPECT_EQ(hex(ByteView("\x00\xff\x1a", 3)), "00ff1a");
  EXPECT_EQ(from_hex("00FF1a"), Bytes("\x00\xff\x1a", 3));
  EXPECT_EQ(from_hex(""), Bytes());
  for (const char* bad : {"0", "0g", "g0", " 00", "0x00", "00 "}) {
    EXPECT_EQ(from_hex(bad), std::nullopt) << bad;
  }
}

// RFC 4648 section 10.
TEST(Base64, AgreesWithRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(base64(plain), text);
    EXPECT_EQ(from_base64(text), Bytes(plain));
  }
  EXPECT_EQ(base64("\xfb\xff"), "+/8=");
  EXPECT_EQ(base64_url("\xfb\xff"), "-_8");
}

TEST(Base64, RefusesWhatIsNotItsOneSpelling) {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9v ", " Zm9v", "Zm9v\n", "Z",
                          "-_8=", "Zm9vZg==Zm9v", "===="}) {
    EXPECT_EQ(from_base64(bad), std::nullopt) << bad;
  }
}

TEST(EqualConstantTime, ComparesLengthAndEveryByte) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("same", "same"));
  EXPECT_FALSE(equal_constant_time("same", "sama"));
  EXPECT_FALSE(equal_constant_time("same", "Same"));
  EXPECT_FALSE(equal_constant_time("same", "same "));
  EXPECT_FALSE(equal_constant_time("", "x"));
}

TEST(SystemRandom, GivesTheAskedNumberOfBytesAndNoneTwice) {
  SystemRandom random;
  EXPECT_TRUE(random.bytes(0).empty());
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) {
    const Bytes bytes = random.bytes(16);
    EXPECT_EQ(bytes.size(), 16u);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
}

}  // namespace
}  // namespace oki::crypto
