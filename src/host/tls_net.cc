#include "host/tls_net.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/assert.h"

namespace oki::host {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Context = std::unique_ptr<SSL_CTX, Free>;
using Ssl = std::unique_ptr<SSL, Free>;

// Takes the place of an owner that is gone.
class Nobody : public StreamHandler {
  void on_open(ConnectionId, const Address&) override {}
  void on_bytes(ConnectionId, ByteView) override {}
  void on_closed(ConnectionId, CloseReason) override {}
} nobody;

std::string last_fault() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection ended" : reason;
}

struct Session {
  StreamHandler* owner = nullptr;
  Address address;  // As the owner named it.
  StreamOptions options;
  std::vector<std::string> ips;  // Not yet tried, the next one last.
  ConnectionId inner;            // 0: none yet.
  Ssl ssl;
  BIO* in = nullptr;  // Both belong to `ssl`.
  BIO* out = nullptr;
  Bytes waiting;  // To be sent when open.
  bool open = false;
  bool closing = false;  // By the owner, or after a fault.
  CloseReason reason = CloseReason::by_us;
  TimerId timer;
};

// The handshake's own checks: the chain, and that it speaks for this name.
bool expect_name(SSL* ssl, const std::string& name) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1) return true;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, name.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
}

}  // namespace

class TlsNet::Impl : public StreamHandler {
 public:
  Impl(Net& net, Names& names, Timers& timers, Log& log, const TlsOptions& options)
      : net_(net), names_(names), timers_(timers), log_(log), options_(options) {}
  ~Impl() override;

  Result<void> prepare();
  ConnectionId connect(const Address& address, StreamHandler& owner, const StreamOptions& options);
  void send(ConnectionId id, ByteView bytes);
  void close(ConnectionId id);
  std::size_t backlog_bytes(ConnectionId id) const;
  void detach(StreamHandler& owner);

  void on_open(ConnectionId inner, const Address&) override;
  void on_bytes(ConnectionId inner, ByteView bytes) override;
  void on_closed(ConnectionId inner, CloseReason reason) override;
  void on_drained(ConnectionId inner) override;

 private:
  Session* find(ConnectionId id);
  void resolved(ConnectionId id, Result<std::vector<std::string>> ips);
  void try_next(ConnectionId id, Session& session);
  bool begin_tls(Session& session);
  void handshake(ConnectionId id, Session& session);
  void read_all(ConnectionId id);
  void write(Session& session, ByteView bytes);
  void flush(Session& session);
  void fail(ConnectionId id, Session& session, CloseReason reason, const std::string& why);
  void end_soon(ConnectionId id, Session& session, CloseReason reason);
  void end(ConnectionId id);

  Net& net_;
  Names& names_;
  Timers& timers_;
  Log& log_;
  TlsOptions options_;
  Context context_;
  std::map<ConnectionId, Session> sessions_;
  std::map<ConnectionId, ConnectionId> outer_;                   // By the number of the Net below.
  std::shared_ptr<Impl*> self_ = std::make_shared<Impl*>(this);  // For names that answer late.
  std::uint64_t last_id_ = 0;
};

TlsNet::Impl::~Impl() {
  *self_ = nullptr;
  net_.detach(*this);
  for (const auto& [id, session] : sessions_) timers_.cancel(session.timer);
}

Result<void> TlsNet::Impl::prepare() {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  ASSERT(context_ != nullptr);
  SSL_CTX* const context = context_.get();
  ASSERT(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const bool trusts = options_.ca_file.empty()
                          ? SSL_CTX_set_default_verify_paths(context) == 1
                          : SSL_CTX_load_verify_file(context, options_.ca_file.c_str()) == 1;
  if (trusts) return {};
  return error(Errc::invalid,
               options_.ca_file + ": no certificates of authorities: " + last_fault());
}

Session* TlsNet::Impl::find(ConnectionId id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

ConnectionId TlsNet::Impl::connect(const Address& address, StreamHandler& owner,
                                   const StreamOptions& options) {
  const ConnectionId id{++last_id_};
  Session& session = sessions_[id];
  session.owner = &owner;
  session.address = address;
  session.options = options;
  session.timer = timers_.after_ms(options_.open_ms, [this, id] {
    fail(id, sessions_.at(id), CloseReason::refused, "did not open in time (open_ms)");
  });
  names_.resolve(address.host, [self = self_, id](Result<std::vector<std::string>> ips) {
    if (*self != nullptr) (*self)->resolved(id, std::move(ips));
  });
  return id;
}

void TlsNet::Impl::resolved(ConnectionId id, Result<std::vector<std::string>> ips) {
  Session* session = find(id);
  if (session == nullptr || session->closing) return;
  if (!ips) return fail(id, *session, CloseReason::refused, ips.error().message);
  session->ips.assign(ips->rbegin(), ips->rend());
  try_next(id, *session);
}

void TlsNet::Impl::try_next(ConnectionId id, Session& session) {
  ASSERT(!session.ips.empty());
  const Address address{session.ips.back(), session.address.port};
  session.ips.pop_back();
  session.inner = net_.connect(address, *this, session.options);
  outer_[session.inner] = id;
}

void TlsNet::Impl::on_open(ConnectionId inner, const Address&) {
  const ConnectionId id = outer_.at(inner);
  Session& session = sessions_.at(id);
  if (session.closing) return;
  if (!begin_tls(session)) return fail(id, session, CloseReason::refused, last_fault());
  handshake(id, session);
}

bool TlsNet::Impl::begin_tls(Session& session) {
  session.ssl.reset(SSL_new(context_.get()));
  session.in = BIO_new(BIO_s_mem());
  session.out = BIO_new(BIO_s_mem());
  ASSERT(session.ssl != nullptr && session.in != nullptr && session.out != nullptr);
  BIO_set_mem_eof_return(session.in, -1);  // Empty means "more later", not the end.
  SSL_set_bio(session.ssl.get(), session.in, session.out);
  SSL_set_connect_state(session.ssl.get());
  return expect_name(session.ssl.get(), session.address.host);
}

void TlsNet::Impl::handshake(ConnectionId id, Session& session) {
  ERR_clear_error();
  const int result = SSL_do_handshake(session.ssl.get());
  const int fault = result == 1 ? SSL_ERROR_NONE : SSL_get_error(session.ssl.get(), result);
  flush(session);
  if (fault == SSL_ERROR_WANT_READ) return;
  if (fault != SSL_ERROR_NONE) {
    const long verdict = SSL_get_verify_result(session.ssl.get());
    return fail(id, session, CloseReason::refused,
                verdict == X509_V_OK ? last_fault() : X509_verify_cert_error_string(verdict));
  }
  timers_.cancel(session.timer);
  session.open = true;
  const Bytes waiting = std::exchange(session.waiting, {});
  session.owner->on_open(id, session.address);
  if (!waiting.empty()) write(session, waiting);
}

void TlsNet::Impl::on_bytes(ConnectionId inner, ByteView bytes) {
  const ConnectionId id = outer_.at(inner);
  Session& session = sessions_.at(id);
  if (session.closing) return;
  // A memory BIO takes everything, unless memory is gone.
  ASSERT(BIO_write(session.in, bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size()));
  if (!session.open) handshake(id, session);
  read_all(id);
}

// The owner may close, or be gone, behind each piece.
void TlsNet::Impl::read_all(ConnectionId id) {
  std::array<char, 16u << 10> piece;
  while (true) {
    Session& session = sessions_.at(id);
    if (!session.open || session.closing) return;
    ERR_clear_error();
    const int count = SSL_read(session.ssl.get(), piece.data(), static_cast<int>(piece.size()));
    if (count > 0) {
      session.owner->on_bytes(id, ByteView(piece.data(), static_cast<std::size_t>(count)));
      continue;
    }
    const int fault = SSL_get_error(session.ssl.get(), count);
    flush(session);  // An answer to a message of the protocol's own.
    if (fault == SSL_ERROR_WANT_READ) return;
    if (fault == SSL_ERROR_ZERO_RETURN) return fail(id, session, CloseReason::by_peer, "");
    return fail(id, session, CloseReason::reset, last_fault());
  }
}

void TlsNet::Impl::send(ConnectionId id, ByteView bytes) {
  Session* session = find(id);
  if (session == nullptr || session->closing || bytes.empty()) return;
  if (session->open) return write(*session, bytes);
  if (session->waiting.size() + bytes.size() > session->options.backlog_bytes_max) {
    return fail(id, *session, CloseReason::backlog, "");
  }
  session->waiting += bytes;
}

void TlsNet::Impl::write(Session& session, ByteView bytes) {
  constexpr std::size_t piece_max = 1u << 20;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece_max, bytes.size()))) {
    const ByteView piece = bytes.substr(0, piece_max);
    const int size = static_cast<int>(piece.size());
    // Into memory, and after the handshake: nothing can make it wait.
    if (SSL_write(session.ssl.get(), piece.data(), size) != size) break;
  }
  flush(session);
}

void TlsNet::Impl::flush(Session& session) {
  char* start = nullptr;
  const long size = BIO_get_mem_data(session.out, &start);
  if (size <= 0) return;
  net_.send(session.inner, ByteView(start, static_cast<std::size_t>(size)));
  ASSERT(BIO_reset(session.out) == 1);
}

void TlsNet::Impl::close(ConnectionId id) {
  Session* session = find(id);
  if (session == nullptr || session->closing) return;
  if (session->open) {
    SSL_shutdown(session->ssl.get());
    flush(*session);
  }
  end_soon(id, *session, CloseReason::by_us);
}

// What an operator must mend is logged; connections are few and their owners wait between tries.
void TlsNet::Impl::fail(ConnectionId id, Session& session, CloseReason reason,
                        const std::string& why) {
  if (session.closing) return;
  if (!why.empty()) {
    log_.warning("host", "a TLS connection failed",
                 {{"server", to_string(session.address)}, {"why", why}});
  }
  end_soon(id, session, reason);
}

// The owner hears of it from the Net below, or from a timer where that has nothing to close.
void TlsNet::Impl::end_soon(ConnectionId id, Session& session, CloseReason reason) {
  session.closing = true;
  session.reason = reason;
  timers_.cancel(session.timer);
  if (session.inner.value != 0) return net_.close(session.inner);
  session.timer = timers_.after_ms(0, [this, id] { end(id); });
}

void TlsNet::Impl::on_closed(ConnectionId inner, CloseReason reason) {
  const ConnectionId id = outer_.at(inner);
  outer_.erase(inner);
  Session& session = sessions_.at(id);
  session.inner = {};
  if (!session.closing) {
    const bool never_there = session.ssl == nullptr;
    if (never_there && !session.ips.empty()) return try_next(id, session);
    if (!session.open) {
      log_.warning("host", "a TLS connection failed",
                   {{"server", to_string(session.address)}, {"why", name(reason)}});
    }
    const bool cut = session.open && reason == CloseReason::by_peer;
    session.reason = !session.open ? CloseReason::refused : cut ? CloseReason::reset : reason;
  }
  end(id);
}

void TlsNet::Impl::end(ConnectionId id) {
  auto node = sessions_.extract(id);
  ASSERT(!node.empty());
  timers_.cancel(node.mapped().timer);
  node.mapped().owner->on_closed(id, node.mapped().reason);
}

void TlsNet::Impl::on_drained(ConnectionId inner) {
  const ConnectionId id = outer_.at(inner);
  Session& session = sessions_.at(id);
  if (session.open && !session.closing) session.owner->on_drained(id);
}

std::size_t TlsNet::Impl::backlog_bytes(ConnectionId id) const {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return 0;
  const Session& session = found->second;
  return session.waiting.size() +
         (session.inner.value == 0 ? 0 : net_.backlog_bytes(session.inner));
}

void TlsNet::Impl::detach(StreamHandler& owner) {
  std::vector<ConnectionId> ids;
  for (auto& [id, session] : sessions_) {
    if (session.owner != &owner) continue;
    session.owner = &nobody;
    ids.push_back(id);
  }
  for (const ConnectionId id : ids) close(id);
}

TlsNet::TlsNet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsNet::~TlsNet() = default;

Result<std::unique_ptr<TlsNet>> TlsNet::make(Net& net, Names& names, Timers& timers, Log& log,
                                             const TlsOptions& options) {
  auto impl = std::make_unique<Impl>(net, names, timers, log, options);
  if (Result<void> ready = impl->prepare(); !ready) return tl::unexpected(ready.error());
  return std::unique_ptr<TlsNet>(new TlsNet(std::move(impl)));
}

Result<Address> TlsNet::listen(const Address&, StreamHandler&, const StreamOptions&) {
  return error(Errc::invalid, "TLS is spoken to servers only; put a proxy in front to offer it");
}
ConnectionId TlsNet::connect(const Address& address, StreamHandler& handler,
                             const StreamOptions& options) {
  return impl_->connect(address, handler, options);
}
void TlsNet::send(ConnectionId connection, ByteView bytes) { impl_->send(connection, bytes); }
void TlsNet::send_shared(ConnectionId connection, std::shared_ptr<const Bytes> bytes) {
  impl_->send(connection, *bytes);
}
void TlsNet::close(ConnectionId connection) { impl_->close(connection); }
std::size_t TlsNet::backlog_bytes(ConnectionId connection) const {
  return impl_->backlog_bytes(connection);
}
void TlsNet::detach(StreamHandler& handler) { impl_->detach(handler); }

}  // namespace oki::host
