// What every page of the status site is made of.
#pragma once

#include <string>

#include "notify/html.h"
#include "notify/state.h"
#include "notify/text.h"

namespace oki::notify {

// Addresses outside the pages; what is empty is not offered.
struct SiteLinks {
  std::string faq_url;
  std::string support_url;
  std::string subscribe_url;
};

struct PageHead {
  Language language = Language::ja;
  std::string title;
  std::string path;        // Of this page, for "show the latest state".
  std::string other_path;  // Of the same page in the other language.
};

// Opens html, body and main; close_page() closes them.
void open_page(Html& html, const PageHead& head);
void close_page(Html& html, Language language, const SiteLinks& links);

// "/" or "/en/"
std::string home_path(Language language);
std::string incident_path(Language language, ByteView id);
std::string history_path(Language language);
std::string atom_path(Language language);
std::string calendar_path(Language language);
constexpr Language other(Language language) {
  return language == Language::ja ? Language::en : Language::ja;
}

// "state-operational": the class that gives a state its colour.
std::string state_class(State state);

// The shape of a state: a colour alone tells nothing to many people.
void state_icon(Html& html, State state);

// Shape and word.
void state_badge(Html& html, State state, ByteView word);
void state_badge(Html& html, State state, ByteView word, const std::string& colour_class);

// A row of a dl.
void definition(Html& html, ByteView term, ByteView words);

// <time> with the exact time for machines and the words for people.
void time_element(Html& html, Language language, WallTimeMs time);
void clock_element(Html& html, WallTimeMs time);

}  // namespace oki::notify
