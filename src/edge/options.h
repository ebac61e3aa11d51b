// Everything about an edge that is chosen when it starts.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/net.h"
#include "core/types.h"
#include "edge/sessions.h"
#include "history/projection.h"
#include "net/http_server.h"

namespace oki::edge {

struct StreamsOptions {
  std::int64_t coalesce_ms = 50;  // Changes of one book within this time are one diff.
  std::int64_t whole_every_ms = 3'000;
  std::int64_t connect_within_ms = 45'000;  // From the handshake to Socket.IO's connect.
  std::size_t rooms_per_socket_max = 2'000;
  std::size_t backlog_bytes_max = 1u << 20;     // A socket that is further behind is closed.
  std::uint32_t messages_per_second_max = 500;  // From one socket; more closes it.
};

struct EdgeOptions {
  Address listen{"127.0.0.1", 0};
  Bytes sealing_key;        // Opens the secrets of API keys; crypto::seal_key_bytes.
  bool rate_limits = true;  // Of queries; those of updates are in the core.
  std::uint32_t edges = 1;  // Among how many edges an account's query limit is divided.

  // Who may trade on markets that are not listed: the probes of the house.
  std::vector<core::AccountId> house_accounts;

  history::ProjectionLimits projection;
  net::HttpServerOptions server;
  StreamsOptions streams;
  Sessions::Options sessions;         // `edge` is chosen by the Edge itself.
  std::size_t in_flight_max = 8'192;  // Commands without an answer.
  std::size_t in_flight_per_account_max = 256;
  std::size_t keys_max = 100'000;           // Opened API secrets kept.
  std::size_t rate_accounts_max = 100'000;  // Accounts whose queries are counted.
  std::size_t waiting_max = 20'000;         // Answers that wait for the projection.
  std::int64_t applied_wait_ms = 400;       // With the client's deadline: below 3 s.
};

}  // namespace oki::edge
