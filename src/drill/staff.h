// The people of a throw-away house, and the channels by which it speaks: two who may do everything,
// on call, each with a token for the operators' API; calls and notices end in sinks of this
// process.
//
// What they do is done by the real API of the watches, under the real rules: what takes two people
// takes both.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drill/culprit.h"
#include "drill/session.h"
#include "drill/steps.h"
#include "drill/telling.h"

namespace oki::drill {

// What the house of a session is to look like.
struct HousePlan {
  std::string directory;
  std::uint32_t nodes = 0;
  std::uint32_t edges = 0;
  std::uint32_t watches = 0;
  std::vector<std::string> markets;
  std::string runbooks;  // The folder of their texts; empty: the watches run none.
  bool desks = false;    // Customers may ask for notices by mail.
};

class Staff {
 public:
  static constexpr std::uint32_t aki = 1, ben = 2;

  // Prepares the house of a session that has not started; both outlive the staff.
  Staff(Session& session, Random& random);

  // Listens, writes what the watches read, and gives each watch its options.
  Result<void> prepare(const HousePlan& plan);

  // A request of one of them, to whichever watch answers. Errc::invalid with what was answered when
  // it is refused, Errc::unavailable when nobody answers.
  Result<net::Json> ask(Steps& steps, std::uint32_t person, const std::string& method,
                        const std::string& target, const std::string& body = "{}") const;

  // The text of a page of the API as it is.
  Result<Bytes> read(Steps& steps, const std::string& target) const;

  // The incident as operators read it.
  Result<Bytes> incident(Steps& steps, const std::string& number) const {
    return read(steps, "/v1/incidents/" + number + "?lang=en");
  }

  const Telling& told() const { return telling_; }
  const std::vector<Address>& desks() const { return desks_; }  // By watch.

 private:
  Result<void> open_desks(const HousePlan& plan, std::vector<std::vector<std::string>>& options);
  Result<net::HttpResponse> send(Steps& steps, std::uint32_t person, const std::string& method,
                                 const std::string& target, const std::string& body) const;

  Session& session_;
  Random& random_;
  Telling telling_;
  std::vector<Address> operators_;   // By watch.
  std::vector<Address> desks_;       // The same; empty: none.
  std::vector<std::string> tokens_;  // By person.
};

// deploy/response.toml for this shape.
std::string house_toml(const HousePlan& plan);

}  // namespace oki::drill
