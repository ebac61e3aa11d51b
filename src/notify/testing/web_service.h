// HTTP services of the world as tests play them: each request is kept and answered by a function.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/net.h"
#include "base/prng.h"
#include "base/random.h"
#include "net/http.h"
#include "net/json_reader.h"

namespace oki::notify {

class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : prng_(seed) {}
  Bytes bytes(std::size_t count) override {
    Bytes out;
    while (out.size() < count) out.push_back(static_cast<char>(prng_.below(256)));
    return out;
  }

 private:
  Prng prng_;
};

// An answer byte for byte. 204 carries no length.
inline Bytes http(int status, ByteView body = "", ByteView headers = "") {
  const std::string length =
      status == 204 ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return "HTTP/1.1 " + std::to_string(status) + " x\r\n" + Bytes(headers) + length + "\r\n" +
         Bytes(body);
}

class WebService : public StreamHandler {
 public:
  // Empty: closes instead; "nothing": is silent.
  using Answer = std::function<Bytes(const net::HttpRequest& request)>;

  WebService(Net& net, Answer answer) : answer_(std::move(answer)), net_(net) {}
  ~WebService() override { net_.detach(*this); }

  void on_open(ConnectionId id, const Address&) override {
    parsers_.emplace(id, net::HttpRequestParser(net::HttpLimits{}));
  }
  void on_closed(ConnectionId id, CloseReason) override { parsers_.erase(id); }
  void on_bytes(ConnectionId id, ByteView bytes) override {
    net::HttpRequestParser& parser = parsers_.at(id);
    parser.feed(bytes);
    for (auto request = parser.next(); request && *request; request = parser.next()) {
      const Bytes answer = answer_(**request);
      requests.push_back(std::move(**request));
      if (answer.empty()) return net_.close(id);
      if (answer != "nothing") net_.send(id, answer);
    }
  }

  void answer_with(Answer answer) { answer_ = std::move(answer); }
  const net::HttpRequest& last() const { return requests.back(); }
  net::Json last_json() const { return net::parse_json(last().body, 1u << 20).value(); }

  std::vector<net::HttpRequest> requests;

 private:
  Answer answer_;
  Net& net_;
  std::map<ConnectionId, net::HttpRequestParser> parsers_;
};

// "incident.components.0.name" of a document; empty when it is not there.
inline std::string at(const net::Json& json, ByteView path) {
  const net::Json* here = &json;
  while (!path.empty() && here != nullptr) {
    const std::size_t end = std::min(path.find('.'), path.size());
    const std::string step(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
    if (const auto* items = here->array()) {
      const std::size_t position = std::stoul(step);
      here = position < items->size() ? &(*items)[position] : nullptr;
    } else {
      here = here->find(step);
    }
  }
  if (here == nullptr) return {};
  if (const auto truth = here->boolean()) return *truth ? "true" : "false";
  const auto text = here->number_text();
  return text ? std::string(*text) : here->is_null() ? "null" : "";
}

}  // namespace oki::notify
