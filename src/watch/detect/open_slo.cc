#include "watch/detect/open_slo.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <optional>

#include "base/decimal.h"
#include "response/signal.h"

namespace oki::watch::detect {
namespace {

constexpr std::size_t name_bytes_max = 64;

std::string scalar(const YAML::Node& node) {
  return node.IsDefined() && node.IsScalar() ? node.Scalar() : std::string();
}

YAML::Node member(const YAML::Node& node, const char* key) {
  return node.IsDefined() && node.IsMap() ? node[key] : YAML::Node(YAML::NodeType::Undefined);
}

YAML::Node first(const YAML::Node& node) {
  return node.IsDefined() && node.IsSequence() && node.size() > 0
             ? node[0]
             : YAML::Node(YAML::NodeType::Undefined);
}

// "5m", "1h", "3d", "28d", "1w" in seconds.
std::optional<std::int64_t> duration_s(const std::string& text) {
  std::int64_t count = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (fault != std::errc{} || count <= 0 || count > 100'000) return std::nullopt;
  const std::string unit(end, text.data() + text.size());
  if (unit == "m") return count * 60;
  if (unit == "h") return count * 3'600;
  if (unit == "d") return count * 86'400;
  if (unit == "w") return count * 7 * 86'400;
  return std::nullopt;
}

class Document {
 public:
  Document(const YAML::Node& root, std::size_t number)
      : root_(root), what_("document " + std::to_string(number)) {}

  // Nothing when the document is of a kind that is passed over.
  Result<std::optional<Slo>> read() {
    if (!root_.IsMap()) return fault("is not a map");
    const std::string kind = scalar(member(root_, "kind"));
    if (scalar(member(root_, "apiVersion")) != "openslo/v1") {
      return fault("'apiVersion' must be openslo/v1");
    }
    if (kind == "Service" || kind == "DataSource") return std::optional<Slo>();
    if (kind != "SLO") return fault("'kind' must be SLO, Service or DataSource");
    slo_.name = scalar(member(member(root_, "metadata"), "name"));
    if (slo_.name.empty() || slo_.name.size() > name_bytes_max) {
      return fault("'metadata.name' must be a text of 1 to 64 bytes");
    }
    what_ += " (" + slo_.name + ")";
    read_spec(member(root_, "spec"));
    if (!fault_.empty()) return error(Errc::invalid, fault_);
    return std::optional<Slo>(slo_);
  }

 private:
  tl::unexpected<Error> fault(const std::string& sentence) {
    return error(Errc::invalid, what_ + ": " + sentence);
  }
  void note(const std::string& sentence) {
    if (fault_.empty()) fault_ = what_ + ": " + sentence;
  }

  void read_spec(const YAML::Node& spec) {
    slo_.service = scalar(member(spec, "service"));
    if (slo_.service.size() > name_bytes_max) note("'spec.service' is longer than 64 bytes");
    if (scalar(member(spec, "budgetingMethod")) != "Occurrences") {
      note("'spec.budgetingMethod' must be Occurrences");
    }
    read_indicator(member(member(member(spec, "indicator"), "spec"), "ratioMetric"));
    const YAML::Node objectives = member(spec, "objectives");
    if (!objectives.IsDefined() || !objectives.IsSequence() || objectives.size() != 1) {
      note("'spec.objectives' must have one objective");
    }
    const auto target = parse_decimal(scalar(member(first(objectives), "target")), 6);
    if (!target || *target == 0 || *target >= 1'000'000) {
      note("'spec.objectives[0].target' must be a decimal above 0 and below 1, of 6 digits");
    } else {
      slo_.target_ppm = static_cast<std::int64_t>(*target);
    }
    read_policies(member(spec, "alertPolicies"));
  }

  void read_indicator(const YAML::Node& ratio) {
    if (!ratio.IsDefined()) {
      return note("'spec.indicator.spec.ratioMetric' is missing");
    }
    if (scalar(member(ratio, "counter")) != "true") {
      return note("'spec.indicator.spec.ratioMetric.counter' must be true");
    }
    const YAML::Node source = member(member(ratio, "total"), "metricSource");
    const std::string where = "'spec.indicator.spec.ratioMetric.total.metricSource";
    if (scalar(member(source, "type")) != "okiagari") note(where + ".type' must be okiagari");
    slo_.series = scalar(member(member(source, "spec"), "series"));
    if (slo_.series.empty() || slo_.series.size() > response::signal_key_bytes_max) {
      note(where + ".spec.series' must be a text of 1 to 200 bytes");
    }
  }

  void read_policies(const YAML::Node& policies) {
    if (!policies.IsDefined()) {
      slo_.alerts = usual_burn_alerts();
      return;
    }
    if (!policies.IsSequence()) return note("'spec.alertPolicies' must be a list");
    for (const YAML::Node& policy : policies) {
      const YAML::Node conditions = member(member(policy, "spec"), "conditions");
      if (!conditions.IsDefined() || !conditions.IsSequence()) {
        return note("'spec.alertPolicies' must have inline 'spec.conditions'");
      }
      for (const YAML::Node& condition : conditions) read_condition(condition);
    }
    if (slo_.alerts.size() > burn_alerts_max)
      note("'spec.alertPolicies' has more than 8 conditions");
    if (slo_.alerts.empty()) note("'spec.alertPolicies' has no condition");
  }

  void read_condition(const YAML::Node& holder) {
    const YAML::Node condition = member(member(holder, "spec"), "condition");
    if (scalar(member(condition, "kind")) != "burnrate") {
      return note("'condition.kind' must be burnrate");
    }
    const std::string op = scalar(member(condition, "op"));
    if (!op.empty() && op != "gte" && op != "gt") return note("'condition.op' must be gte or gt");
    const auto times = parse_decimal(scalar(member(condition, "threshold")), 3);
    if (!times || *times == 0 || *times > 10'000'000) {
      return note("'condition.threshold' must be a positive decimal with at most 3 digits");
    }
    const auto lookback = duration_s(scalar(member(condition, "lookbackWindow")));
    if (!lookback || *lookback < burn_window_s_min || *lookback > burn_window_s_max) {
      return note("'condition.lookbackWindow' must be a duration from 5m to 3d");
    }
    const std::string after = scalar(member(condition, "alertAfter"));
    const auto shorter = after.empty() ? std::optional(burn_window_s_min) : duration_s(after);
    if (!shorter || *shorter < burn_window_s_min || *shorter > *lookback) {
      return note("'condition.alertAfter' must be a duration from 5m to the lookbackWindow");
    }
    slo_.alerts.push_back({static_cast<std::int64_t>(*times), *lookback, *shorter});
  }

  YAML::Node root_;
  std::string what_;
  std::string fault_;
  Slo slo_;
};

}  // namespace

Result<std::vector<Slo>> read_open_slo(ByteView yaml) {
  if (yaml.size() > open_slo_bytes_max) {
    return error(Errc::invalid, "the file of objectives is longer than 65536 bytes");
  }
  std::vector<Slo> slos;
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(yaml));
    if (documents.size() > open_slo_documents_max) {
      return error(Errc::full, "the file of objectives has more than 64 documents");
    }
    for (std::size_t i = 0; i < documents.size(); ++i) {
      auto slo = Document(documents[i], i + 1).read();
      if (!slo) return tl::unexpected(slo.error());
      if (*slo) slos.push_back(std::move(**slo));
    }
  } catch (const std::exception& fault) {
    return error(Errc::invalid, std::string("the file of objectives is not YAML: ") + fault.what());
  }
  return slos;
}

}  // namespace oki::watch::detect
