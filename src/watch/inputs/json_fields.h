// The fields of a message that a stranger wrote: absent, or of another kind, is empty.
#pragma once

#include <string>
#include <vector>

#include "net/json_reader.h"
#include "watch/inputs/alert.h"

namespace oki::watch::inputs {

inline ByteView text_of(const net::Json* value) {
  return value == nullptr ? ByteView() : value->string().value_or(ByteView());
}

inline ByteView text_of(const net::Json& object, ByteView name) {
  return text_of(object.find(name));
}

// No array is an empty one.
inline const std::vector<net::Json>& array_of(const net::Json& object, ByteView name) {
  static const std::vector<net::Json> none;
  const net::Json* value = object.find(name);
  const std::vector<net::Json>* items = value == nullptr ? nullptr : value->array();
  return items == nullptr ? none : *items;
}

// Members that are texts or numbers become labels; others are left out.
inline void add_labels(Labels& labels, const net::Json* object, const std::string& prefix = "") {
  const auto* members = object == nullptr ? nullptr : object->object();
  if (members == nullptr) return;
  for (const auto& [name, value] : *members) {
    if (labels.size() >= labels_max) return;
    if (const auto text = value.number_text()) {
      add_label(labels, prefix + name, std::string(*text));
    }
  }
}

}  // namespace oki::watch::inputs
