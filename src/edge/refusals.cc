#include "edge/refusals.h"

namespace oki::edge {
namespace {

constexpr ByteView most_name = "okiagari_edge_refused_most";
constexpr ByteView most_help = "Refusals of whoever has most of them, within half a minute";
constexpr ByteView many_name = "okiagari_edge_refused_many";
constexpr ByteView many_help = "Those who were refused again and again within half a minute";

bool is_address(ByteView text) {
  const bool plain = text.find_first_not_of("0123456789abcdefABCDEF.:") == ByteView::npos;
  return plain && !text.empty() && text.size() <= asker_bytes_max;
}

}  // namespace

Refusals::Refusals(Timers& timers, Metrics& metrics)
    : timers_(timers),
      most_address_(metrics.gauge(most_name, most_help, "by=\"address\"")),
      most_account_(metrics.gauge(most_name, most_help, "by=\"account\"")),
      many_addresses_(metrics.gauge(many_name, many_help, "by=\"address\"")),
      many_accounts_(metrics.gauge(many_name, many_help, "by=\"account\"")),
      most_ids_(metrics.gauge("okiagari_edge_unknown_ids_most",
                              "Orders that are not its own and that one account asked for, within "
                              "half a minute")),
      untracked_(metrics.counter("okiagari_edge_refused_untracked_total",
                                 "Refusals of more addresses or accounts than are counted apart")) {
  next_window();
}

Refusals::~Refusals() { timers_.cancel(timer_); }

void Refusals::next_window() {
  timer_ = timers_.after_ms(refusals_window_ms, [this] { next_window(); });
  addresses_.next_window();
  accounts_.next_window();
  wrong_.next_window();
  unknown_ids_.next_window();
  show();
}

void Refusals::show() {
  most_address_.set(addresses_.most());
  most_account_.set(accounts_.most());
  many_addresses_.set(addresses_.many());
  many_accounts_.set(wrong_.many());
  most_ids_.set(unknown_ids_.most());
}

void Refusals::count(bool counted) {
  if (!counted) untracked_.add();
  show();
}

void Refusals::add_unnamed(ByteView asker) {
  count(addresses_.add(std::string(is_address(asker) ? asker : ByteView("other"))));
}

void Refusals::add_wrong(core::AccountId account) {
  wrong_.add(account.value);
  count(accounts_.add(account.value));
}

void Refusals::add_throttled(core::AccountId account) { count(accounts_.add(account.value)); }

void Refusals::add_unknown_id(core::AccountId account) { count(unknown_ids_.add(account.value)); }

}  // namespace oki::edge
