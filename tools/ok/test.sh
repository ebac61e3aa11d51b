# Runs every test and counts them from the tools' own results. Sourced by ./ok.
#
# Each suite writes its result into build/results; tools/ok/tally.py adds them up, and a suite that
# left no result counts as one failure.
# shellcheck shell=bash

results=build/results

run_ctest() {
  ctest --test-dir build/release --parallel "$(nproc)" --progress --output-on-failure \
    --no-tests=error --output-junit "${root:?}/$results/ctest.xml" --test-output-size-passed 65536
}

# Where nobody watches a terminal: each failed test and every hundredth passed one.
brief() {
  awk '/Test +#/ { if (++n % 100 == 0 || !/ Passed /) print; fflush(); next }
       !/^ +Start +[0-9]+:/ { print; fflush() }'
}

test_rooms() {
  headline testing_rooms
  if [ -t 1 ]; then run_ctest; else run_ctest 2>&1 | brief; fi
}

test_fuzzers() {
  headline testing_fuzz
  tools/fuzz_smoke 2>&1 | tee "$results/fuzz.txt"
}

# A sample of what tools/mutate plants; its full run is longer.
test_mutants() {
  headline testing_mutants
  tools/mutate --sample 20 --least 90 2>&1 | tee "$results/mutate.txt"
}

# Node.js trusts only its own list of authorities; the machine's may hold that of a proxy.
authorities=/etc/ssl/certs/ca-certificates.crt

test_clients() {
  headline testing_clients
  if [ -r $authorities ]; then export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$authorities}; fi
  (cd test/clients && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
    { say clients_install_failed && return 1; }
  (cd test/clients && node --test --test-concurrency=1 \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$root/$results/clients.tap" ./*.test.mjs)
}

run_tests() {
  local failed=0
  rm -rf "$results" && mkdir -p "$results"
  test_rooms || failed=1
  test_fuzzers || failed=1
  test_mutants || failed=1
  test_clients || failed=1
  say tests_took "$(elapsed)"
  tools/ok/tally.py "$results" || failed=1
  exit $failed
}
