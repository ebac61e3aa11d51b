#include "edge/control.h"

#include <algorithm>
#include <utility>

namespace oki::edge {
namespace {

constexpr std::int64_t look_again_ms = 1'000;  // The wall clock may jump; the timer does not.

}  // namespace

Result<std::unique_ptr<Control>> Control::open(const Parts& parts, const Settings& first) {
  SettingsBook book(first, parts.clock.wall_now());
  if (parts.disk != nullptr) {
    const auto names = parts.disk->list();
    if (!names) return tl::unexpected<Error>(names.error());
    if (std::find(names->begin(), names->end(), settings_file) != names->end()) {
      const auto text = parts.disk->read(settings_file, 0, book_bytes_max + 1);
      if (!text) return tl::unexpected<Error>(text.error());
      auto stored = SettingsBook::read(*text);
      if (!stored) return tl::unexpected<Error>(stored.error());
      book = std::move(*stored);
    }
  }
  return std::unique_ptr<Control>(new Control(parts, std::move(book)));
}

Control::Control(const Parts& parts, SettingsBook book)
    : parts_(parts),
      book_(std::move(book)),
      alive_(std::make_shared<Control*>(this)),
      version_(parts.metrics.gauge("okiagari_edge_settings_version",
                                   "Version of the settings in force")),
      tightened_(parts.metrics.gauge("okiagari_edge_tightened",
                                     "1 while limits are tighter than the settings say")),
      drained_(
          parts.metrics.gauge("okiagari_edge_draining", "1 while this edge is being taken out")) {
  SettingsBook passed = book_;
  static_cast<void>(passed.pass(parts_.clock.wall_now()));
  take(std::move(passed));
}

Control::~Control() { parts_.timers.cancel(timer_); }

void Control::take(SettingsBook book) {
  book_ = std::move(book);
  settings_ = book_.in_force();
  const bool begins = !draining_ && book_.draining_until();
  draining_ = book_.draining_until().has_value();
  version_.set(book_.version());
  tightened_.set(book_.tightened_until() ? 1 : 0);
  drained_.set(draining_ ? 1 : 0);
  wait_for_end();
  if (begins && on_drain_) on_drain_();
}

void Control::wait_for_end() {
  parts_.timers.cancel(timer_);
  if (const auto end = book_.next_end()) {
    const std::int64_t left_ms = end->value - parts_.clock.wall_now().value;
    timer_ = parts_.timers.after_ms(std::clamp<std::int64_t>(left_ms, 1, look_again_ms),
                                    [this] { on_end(); });
  }
}

// What is over by time needs no disk to be over: a restart would find the same.
void Control::on_end() {
  SettingsBook book = book_;
  if (writing_ || !book.pass(parts_.clock.wall_now())) return wait_for_end();
  take(std::move(book));
  parts_.log.info("edge", "a tightening or draining has ended by its time",
                  {{"version", std::uint64_t{book_.version()}}});
  write(book_, [this](Result<void> done) {
    if (!done) parts_.log.warning("edge", done.error().message);
  });
}

void Control::change(const Try& change, Done done) {
  if (writing_) return done(error(Errc::full, "another change is being written"));
  SettingsBook book = book_;
  const WallTimeMs now = parts_.clock.wall_now();
  static_cast<void>(book.pass(now));
  if (auto tried = change(book, now); !tried) return done(std::move(tried));
  write(std::move(book), std::move(done));
}

void Control::write(SettingsBook book, Done done) {
  if (parts_.disk == nullptr) {
    finish(std::move(book));
    return done({});
  }
  writing_ = true;
  Bytes text = book.text();
  auto kept = std::make_shared<SettingsBook>(std::move(book));
  parts_.disk->replace(
      settings_file, std::move(text),
      [alive = std::weak_ptr(alive_), kept, done = std::move(done)](const Result<void>& written) {
        const auto self = alive.lock();
        if (!self) return;
        (*self)->writing_ = false;
        if (written) (*self)->finish(std::move(*kept));
        done(written);
      });
}

void Control::finish(SettingsBook book) {
  take(std::move(book));
  const Change& last = book_.changes().back();
  parts_.log.info("edge", "settings changed",
                  {{"kind", name(last.kind)},
                   {"by", last.by},
                   {"words", last.words},
                   {"version", std::uint64_t{last.version}}});
}

}  // namespace oki::edge
