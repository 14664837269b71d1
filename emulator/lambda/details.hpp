// What Lambda keeps of a function beside the store's own columns: store::Function::details as a
// value.
#pragma once

#include "emulator/core/time_axis.hpp"
#include "emulator/ports/random.hpp"
#include "emulator/store/rows.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace benchtop::lambda {

struct Details {
    std::string description;
    std::string published_description; // of a version: what $LATEST's was
    std::uint64_t code_size = 0;
    std::string code_sha256; // base64, of the archive
    std::string code_secret; // signs the URLs of the code (code_location.hpp)
    bool has_environment = false;
    int ephemeral_mb = 512;
    std::string architecture = "x86_64";
    std::string tracing_mode = "PassThrough";
    std::string log_format = "Text";
    std::string log_group; // "" for /aws/lambda/NAME
    std::vector<std::pair<std::string, std::string>> tags;
    UtcInstant created_at{};
    // Of the last update of code or configuration; none yet: as created_at.
    UtcInstant updated_at{};
    // RevisionId while the creation or update is under way, and afterwards.
    std::string revision;
    std::string settled_revision;
    int next_version = 1; // of $LATEST
};

struct AliasDetails {
    std::string description;
    std::string revision;
};

AliasDetails details_of(const store::FunctionAlias& alias);
void set_details(store::FunctionAlias& alias, const AliasDetails& details);

Details details_of(const store::Function& function);
void set_details(store::Function& function, const Details& details);

// AWS takes a second or more to make a function, and to update one; so does Benchtop, on the lab's
// clock, so that a script that does not wait meets here what it will meet there.
inline constexpr seconds kSettlingTime{1};

enum class Phase { Creating, Updating, Settled };

Phase phase_of(const Details& details, const TimeAxis& axis, UtcInstant now);
const std::string& current_revision(const Details& details, Phase phase);
// New revision ids, for a change that settles at once (a policy) or later (code, configuration).
void begin_revision(Details& details, Random& random, bool settles_at_once);

} // namespace benchtop::lambda
