// What operators may ask of a running edge, over HTTP on its metrics listener: see and change
// settings, tighten limits for a while, take the edge out and back.
//
//   GET  /admin/state[?after=N]                 all of it, with every change kept (above number N)
//   POST /admin/apply     {"set":{NAME:N...},"by","words"}       a new version
//   POST /admin/rollback  {"to":N,"by","words"}                  to an earlier one; 0: the last one
//   POST /admin/tighten   {"set":{...},"for_ms","by","words"}    until then, over the version
//   POST /admin/restore   {"by","words"}
//   POST /admin/drain     {"for_ms","by","words"}                answers 503, health says draining
//   POST /admin/undrain   {"by","words"}
//
// Every request carries "Authorization: Bearer TOKEN"; without it 401, and nothing is read of it.
// Answers: 200 with the state; 400 what is asked breaks a rule; 404; 409 it is so already, or there
// is no such version; 503 another change is being written, or the disk refused. Refusals are
// {"error":"sentence"}.
#pragma once

#include <functional>

#include "edge/control.h"
#include "net/http.h"

namespace oki::edge {

constexpr std::size_t admin_token_bytes_min = 32;
constexpr std::size_t admin_body_bytes_max = 4'096;

class Admin {
 public:
  // REQUIRES: the token has at least admin_token_bytes_min bytes. `control` outlives this.
  Admin(Control& control, Metrics& metrics, Bytes token);

  using Respond = std::function<void(net::HttpResponse)>;
  void handle(const net::HttpRequest& request, Respond respond);

 private:
  net::HttpResponse state(std::uint64_t after) const;
  void change(const net::HttpRequest& request, const Respond& respond);

  Control& control_;
  Bytes token_;
  Counter& refused_;
};

}  // namespace oki::edge
