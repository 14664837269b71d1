// Reads a presigned URL as it was pasted: who signed it, what it permits, until when, and what is
// damaged. Pure; bounded; whatever the text holds. A secret never leaves.
#pragma once

#include "emulator/explain/explain.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::explain {

struct Finding {
    std::string mistake; // short name, stable
    std::string what;
    std::string fix;
};

enum class Verdict {
    Good,     // the signature fits `method`
    Mismatch, // it fits no method
    Unknown,  // the key is not known here, or what the signature needs is missing
};

struct HeaderToSend {
    std::string name;
    std::optional<std::string> value; // unset: the URL does not tell
};

struct UrlReading {
    std::vector<Finding> findings; // what is missing or damaged; may be empty
    std::string url;               // mended as far as possible; "" when there is none in the text
    int version = 0;               // of the signature: 4, 2, or 0 for none
    std::string host;
    std::string path;  // raw
    std::string query; // raw
    std::string access_key_id;
    std::string holder; // "user student"; "" when the key is not known
    std::string region; // SigV4
    std::string service;
    Verdict verdict = Verdict::Unknown;
    std::string method;                // that the signature fits
    std::vector<HeaderToSend> headers; // that were signed, Host left out

    std::optional<UtcInstant> made;  // SigV4: as the URL says
    std::optional<UtcInstant> until; // on the clock of who signed
    UtcInstant lab_now{};
    std::optional<UtcInstant> lab_until; // the same on the lab's clock
    microseconds left{0};                // negative: expired
};

enum class Keys {
    Known,      // those there are
    OutOfReach, // no server can be asked: a key that is not known may be good
};

struct UrlQuestion {
    std::string_view text; // at most kUrlTextMax bytes are looked at
    UtcInstant now;        // real axis
    const TimeAxis& axis;
    Keys keys = Keys::Known;
};

inline constexpr std::size_t kUrlTextMax = 16 * 1024;

// First the text is mended, so that the key it names can be looked up: `known` is asked with that
// id.
std::string access_key_of_url(std::string_view text);

UrlReading read_url(const UrlQuestion& question, const Known& known);

std::string_view verdict_name(Verdict verdict); // "good"
std::string render_text(const UrlReading& reading);

} // namespace benchtop::explain
