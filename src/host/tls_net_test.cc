#include "host/tls_net.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <map>

#include "base/testing/memory_net.h"
#include "base/testing/stepped.h"

namespace oki::host {
namespace {

constexpr std::uint16_t port = 443;
constexpr ByteView request = "POST / HTTP/1.1\r\n\r\n";

// A key and a certificate that signs itself for one name.
struct Identity {
  explicit Identity(const std::string& alternative) : key(EVP_EC_gen("P-256")) {
    certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3'600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate, key, EVP_sha256());
  }
  ~Identity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  void write(const std::string& path) const {
    std::FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    PEM_write_X509(file, certificate);
    std::fclose(file);
  }
  EVP_PKEY* key;
  X509* certificate = nullptr;
};

// The other side: gives every byte back, by TLS.
class EchoServer : public StreamHandler {
 public:
  EchoServer(Net& net, const Identity& identity) : net_(net) {
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context_, identity.certificate);
    SSL_CTX_use_PrivateKey(context_, identity.key);
  }
  ~EchoServer() override {
    net_.detach(*this);
    for (const auto& [id, ssl] : sessions_) SSL_free(ssl);
    SSL_CTX_free(context_);
  }
  void on_open(ConnectionId id, const Address&) override {
    SSL* ssl = SSL_new(context_);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(ssl), -1);
    SSL_set_accept_state(ssl);
    sessions_[id] = ssl;
  }
  void on_bytes(ConnectionId id, ByteView bytes) override {
    raw += bytes;
    if (silent) return;
    SSL* ssl = sessions_.at(id);
    BIO_write(SSL_get_rbio(ssl), bytes.data(), static_cast<int>(bytes.size()));
    char piece[4096];
    for (int count = 1; count > 0;) {
      count = SSL_read(ssl, piece, sizeof piece);
      if (count <= 0) break;
      seen.append(piece, static_cast<std::size_t>(count));
      if (answer) SSL_write(ssl, piece, count);
    }
    if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) asked_for = name;
    if (SSL_is_init_finished(ssl) && says_goodbye) SSL_shutdown(ssl);
    flush(id, ssl);
    if (SSL_is_init_finished(ssl) && (says_goodbye || hangs_up)) net_.close(id);
  }
  void on_closed(ConnectionId, CloseReason) override { ++closed; }

  bool answer = true, says_goodbye = false, hangs_up = false, silent = false;
  Bytes seen, raw, asked_for;
  int closed = 0;

 private:
  void flush(ConnectionId id, SSL* ssl) {
    char* start = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl), &start);
    if (size > 0) net_.send(id, ByteView(start, static_cast<std::size_t>(size)));
    static_cast<void>(BIO_reset(SSL_get_wbio(ssl)));
  }

  Net& net_;
  SSL_CTX* context_;
  std::map<ConnectionId, SSL*> sessions_;
};

class ListedNames : public Names {
 public:
  explicit ListedNames(Timers& timers) : timers_(timers) {}
  void resolve(const std::string& name, Done done) override {
    const auto found = known.find(name);
    Result<std::vector<std::string>> told = error(Errc::not_found, name + ": no such name");
    if (found != known.end()) told = found->second;
    timers_.after_ms(answer_ms, [told, done = std::move(done)] { done(told); });
  }
  std::map<std::string, std::vector<std::string>> known;
  std::int64_t answer_ms = 1;

 private:
  Timers& timers_;
};

struct Owner : StreamHandler {
  void on_open(ConnectionId, const Address&) override { ++opened; }
  void on_bytes(ConnectionId id, ByteView bytes) override {
    got += bytes;
    if (closes_at != 0 && got.size() >= closes_at) net->close(id);
  }
  void on_closed(ConnectionId, CloseReason reason) override { closed.push_back(reason); }
  Net* net = nullptr;
  int opened = 0;
  std::size_t closes_at = 0;
  Bytes got;
  std::vector<CloseReason> closed;
};

using Reasons = std::vector<CloseReason>;

class TlsNetTest : public ::testing::Test {
 protected:
  TlsNetTest() {
    ca_file = ::testing::TempDir() + "tls_net_test_" + std::to_string(::getpid()) + ".pem";
    identity.write(ca_file);
    names.known["service.example"] = {server_host.ip()};
    names.known["other.example"] = {server_host.ip()};
    names.known[server_host.ip()] = {server_host.ip()};
    EXPECT_TRUE(server_host.listen({server_host.ip(), port}, server, {}));
    auto made = TlsNet::make(client_host, names, timers, log, {.ca_file = ca_file});
    EXPECT_TRUE(made.has_value());
    net = std::move(*made);
    owner.net = net.get();
  }
  ~TlsNetTest() override { std::remove(ca_file.c_str()); }

  ConnectionId connect(const std::string& name = "service.example") {
    return net->connect({name, port}, owner, {});
  }
  void settle(std::int64_t ms = 10) {
    timers.advance_ms(ms, [&] { network.run(); });
    network.run();
    timers.advance_ms(1, [&] { network.run(); });
  }

  testing::StepClock clock;
  testing::StepTimers timers{clock};
  testing::MemoryNetwork network;
  testing::MemoryNet& client_host = network.host();
  testing::MemoryNet& server_host = network.host();
  Bytes lines;
  Log log{clock, "test", [this](ByteView line) { lines += line; }};
  Identity identity{"DNS:service.example"};
  EchoServer server{server_host, identity};
  ListedNames names{timers};
  std::string ca_file;
  Owner owner;
  std::unique_ptr<TlsNet> net;
};

TEST_F(TlsNetTest, CarriesBytesBothWaysAndShowsNoneOfThem) {
  for (const std::size_t piece : {0u, 1u, 7u}) {
    network.deliver_in_pieces_of(piece);
    owner.got.clear();
    const ConnectionId id = connect();
    net->send(id, request);  // Before it is open.
    settle();
    EXPECT_EQ(owner.got, request);
    net->send_shared(id, std::make_shared<const Bytes>(100'000, 'x'));
    settle();
    EXPECT_EQ(owner.got.size(), request.size() + 100'000);
    EXPECT_EQ(net->backlog_bytes(id), 0u);
    net->close(id);
    settle();
  }
  EXPECT_EQ(server.raw.find("POST"), Bytes::npos);
  EXPECT_EQ(server.asked_for, "service.example");
  EXPECT_EQ(owner.opened, 3);
  EXPECT_EQ(owner.closed, (Reasons{CloseReason::by_us, CloseReason::by_us, CloseReason::by_us}));
  EXPECT_EQ(timers.pending(), 0u);
}

TEST_F(TlsNetTest, ACertificateForAnotherNameOpensNothing) {
  net->send(connect("other.example"), request);
  settle();
  EXPECT_EQ(owner.opened, 0);
  EXPECT_EQ(owner.closed, Reasons{CloseReason::refused});
  EXPECT_EQ(server.seen, "");
  EXPECT_NE(lines.find("mismatch"), Bytes::npos) << lines;
}

TEST_F(TlsNetTest, AnAddressNeedsACertificateForThatAddress) {
  testing::MemoryNet& other = network.host();
  const Identity of_address("IP:" + other.ip());
  EchoServer second(other, of_address);
  ASSERT_TRUE(other.listen({other.ip(), port}, second, {}));
  of_address.write(ca_file);
  const auto trusting = TlsNet::make(client_host, names, timers, log, {.ca_file = ca_file});
  ASSERT_TRUE(trusting);
  names.known[other.ip()] = {other.ip()};
  (*trusting)->send((*trusting)->connect({other.ip(), port}, owner, {}), request);
  settle();
  EXPECT_EQ(owner.got, request);
  names.known["10.0.0.99"] = {other.ip()};
  (*trusting)->connect({"10.0.0.99", port}, owner, {});
  settle();
  EXPECT_EQ(owner.opened, 1);
  EXPECT_EQ(owner.closed, Reasons{CloseReason::refused});
  (*trusting)->detach(owner);
  settle();
}

TEST_F(TlsNetTest, ACertificateThatNobodyTrustsOpensNothing) {
  auto strict = TlsNet::make(client_host, names, timers, log, {});
  ASSERT_TRUE(strict);
  (*strict)->connect({"service.example", port}, owner, {});
  settle();
  EXPECT_EQ(owner.opened, 0);
  EXPECT_EQ(owner.closed, Reasons{CloseReason::refused});
  EXPECT_NE(lines.find("self-signed"), Bytes::npos) << lines;
}

TEST_F(TlsNetTest, AFileWithoutCertificatesIsRefused) {
  EXPECT_FALSE(TlsNet::make(client_host, names, timers, log, {.ca_file = "/dev/null"}));
  EXPECT_FALSE(TlsNet::make(client_host, names, timers, log, {.ca_file = "/nowhere"}));
}

TEST_F(TlsNetTest, AnEndWithoutGoodbyeIsNoEndOfAMessage) {
  server.hangs_up = true;
  net->send(connect(), request);
  settle();
  EXPECT_EQ(owner.closed, Reasons{CloseReason::reset});
  server.says_goodbye = true;
  net->send(connect(), request);
  settle();
  EXPECT_EQ(owner.closed, (Reasons{CloseReason::reset, CloseReason::by_peer}));
}

TEST_F(TlsNetTest, TheNextAddressIsTriedWhenOneRefuses) {
  names.known["service.example"] = {"10.0.0.77", server_host.ip()};
  net->send(connect(), request);
  settle();
  EXPECT_EQ(owner.got, request);
  names.known["service.example"] = {"10.0.0.77", "10.0.0.78"};
  connect();
  settle();
  EXPECT_EQ(owner.closed, Reasons{CloseReason::refused});
}

TEST_F(TlsNetTest, ANameThatIsNoneAndAServerThatIsSilentAreRefusals) {
  connect("nowhere.example");
  settle();
  EXPECT_EQ(owner.closed, Reasons{CloseReason::refused});
  server.silent = true;
  connect();
  settle(7'000);
  EXPECT_EQ(owner.closed.size(), 1u);
  settle(2'000);
  EXPECT_EQ(owner.closed.size(), 2u);
  names.answer_ms = 60'000;  // Answers when nobody waits any more.
  connect();
  settle(70'000);
  EXPECT_EQ(owner.closed,
            (Reasons{CloseReason::refused, CloseReason::refused, CloseReason::refused}));
}

TEST_F(TlsNetTest, BytesThatAreNoTlsAreARefusal) {
  struct Talker : StreamHandler {
    explicit Talker(Net& n) : net(n) {}
    ~Talker() override { net.detach(*this); }
    void on_open(ConnectionId id, const Address&) override { net.send(id, "220 smtp ready\r\n"); }
    void on_bytes(ConnectionId, ByteView) override {}
    void on_closed(ConnectionId, CloseReason) override {}
    Net& net;
  };
  testing::MemoryNet& other = network.host();
  Talker talker(other);
  ASSERT_TRUE(other.listen({other.ip(), port}, talker, {}));
  names.known["service.example"] = {other.ip()};
  connect();
  settle();
  EXPECT_EQ(owner.opened, 0);
  EXPECT_EQ(owner.closed, Reasons{CloseReason::refused});
}

TEST_F(TlsNetTest, ClosingIsHeardOnceWhereverItHappens) {
  net->close(connect());  // While its name is being resolved.
  settle();
  const ConnectionId second = connect();
  timers.advance_ms(1);  // While it connects.
  net->close(second);
  settle();
  owner.closes_at = 1;
  server.seen.clear();
  net->send(connect(), request);  // From inside on_bytes.
  settle();
  EXPECT_EQ(owner.closed, (Reasons{CloseReason::by_us, CloseReason::by_us, CloseReason::by_us}));
  net->close({999});
  net->send({999}, "x");
  EXPECT_EQ(timers.pending(), 0u);
}

TEST_F(TlsNetTest, AnOwnerThatIsGoneIsNeverCalled) {
  connect();
  net->send(connect(), request);
  timers.advance_ms(1, [&] { network.run(); });
  net->detach(owner);
  settle();
  EXPECT_TRUE(owner.closed.empty());
  EXPECT_EQ(timers.pending(), 0u);
}

TEST_F(TlsNetTest, WhatWaitsForTheOpeningIsBounded) {
  const ConnectionId id =
      net->connect({"service.example", port}, owner, {.backlog_bytes_max = 1'000});
  net->send(id, Bytes(1'001, 'x'));
  settle();
  EXPECT_EQ(owner.closed, Reasons{CloseReason::backlog});
  EXPECT_EQ(server.seen, "");
}

TEST(NamesTest, KnowsThisMachine) {
  Loop loop;
  SystemNames names(loop);
  std::vector<std::string> found;
  names.resolve("localhost", [&](Result<std::vector<std::string>> told) {
    if (told) found = *told;
    loop.stop();
  });
  EXPECT_TRUE(found.empty());
  loop.run();
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(found[0] == "127.0.0.1" || found[0] == "::1") << found[0];
}

TEST(NamesTest, AnswersThatComeLateAreDropped) {
  Loop loop;
  bool told = false;
  {
    SystemNames names(loop);
    names.resolve("localhost", [&](Result<std::vector<std::string>>) { told = true; });
  }
  loop.timers().after_ms(20, [&] { loop.stop(); });
  loop.run();
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace oki::host
