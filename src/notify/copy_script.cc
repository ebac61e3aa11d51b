#include "notify/copy_script.h"

#include "notify/lease.h"

namespace oki::notify {
namespace {

static_assert(lease_duration_ms_max == 2000, "the script below knows it as leaseMs");

constexpr ByteView script = R"js('use strict';
(() => {
  const leaseMs = 2000;
  const staleMs = 600000;
  const { asOf, proven, state, stale } = document.currentScript.dataset;
  const colour = () => {
    const left = Number(proven) + leaseMs - Date.now();
    const shown = document.querySelectorAll('.state-copy, .state-operational.was-copy');
    const green = state === 'operational' && left > 0 && left <= leaseMs;
    for (const part of shown) {
      part.classList.toggle('state-operational', green);
      part.classList.toggle('was-copy', green);
      part.classList.toggle('state-copy', !green);
    }
    if (green) setTimeout(colour, left);
  };
  const tell = () => {
    const left = Number(asOf) + staleMs - Date.now();
    if (left > 0) {
      setTimeout(tell, left + 1);
      return;
    }
    const note = document.createElement('p');
    note.className = 'card stale';
    note.setAttribute('role', 'status');
    note.textContent = stale;
    document.querySelector('main').prepend(note);
  };
  colour();
  tell();
})();
)js";

}  // namespace

ByteView copy_script() { return script; }

}  // namespace oki::notify
