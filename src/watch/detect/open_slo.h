// Service level objectives from OpenSLO files (github.com/OpenSLO/OpenSLO, apiVersion openslo/v1),
// one YAML document each.
//
// Read are documents of the kind SLO with an inline ratioMetric indicator over counters and the
// budgeting method Occurrences. Our own series are named as the metric source:
//   total: { metricSource: { type: okiagari, spec: { series: "errors/edge 1" } } }
// Alert policies must be inline, with conditions of the kind burnrate: `threshold` times the
// sustainable rate over lookbackWindow, and over alertAfter as well (5 m when absent). Without any,
// the three of the SRE Workbook hold. Documents of the kinds Service and DataSource say nothing
// that is needed and are passed over; any other kind is an error.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "watch/detect/burn_rate.h"

namespace oki::watch::detect {

constexpr std::size_t open_slo_bytes_max = 65'536;
constexpr std::size_t open_slo_documents_max = 64;

// What is wrong is said with the number of the document and the key.
Result<std::vector<Slo>> read_open_slo(ByteView yaml);

}  // namespace oki::watch::detect
