// What a signature covers, taken out of a request as it was received. The slips (slips.hpp) change
// copies of it into what a client may have signed instead. Pure.
#pragma once

#include "emulator/auth/verify.hpp"
#include "emulator/core/http.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace benchtop::explain {

enum class Scheme { HeaderV4, QueryV4, HeaderV2, QueryV2 };

struct Message {
    Scheme scheme = Scheme::HeaderV4;
    bool of_s3 = true;
    std::string method;
    std::string path;  // raw
    std::string query; // raw
    Headers headers;
    std::string bucket; // SigV2: "/bucket" when the host named it
    bool bucket_slash = false;

    std::string access_key_id;
    std::string secret;
    std::string date; // SigV4: "20130524T000000Z"; SigV2: the line as signed

    // SigV4 only.
    std::string signed_headers;
    std::string payload_hash;
    std::string day; // the scope's fields
    std::string region;
    std::string service;
    // Of the signing key, when a client derived it for something else than its scope says.
    std::optional<std::string> key_day;
    std::optional<std::string> key_region;
    std::optional<std::string> key_service;
    // Lines of the canonical request as a client wrote them, instead of the rule's.
    std::optional<std::string> path_line;
    std::optional<std::string> query_line;

    bool is_v4() const { return scheme == Scheme::HeaderV4 || scheme == Scheme::QueryV4; }

    bool is_presigned() const { return scheme == Scheme::QueryV4 || scheme == Scheme::QueryV2; }

    bool is_signed(std::string_view header) const; // named by signed_headers
};

struct Received {
    Message message; // without a secret
    std::string provided;
};

// nullopt: the request carries no signature, or one too broken to say what it covers.
std::optional<Received> read_message(const RequestHead& head, const auth::VerifyContext& context);

// The texts a signature is made of; `canonical` is "" for SigV2.
struct SignedText {
    std::string canonical;
    std::string to_sign;
};

SignedText signed_text(const Message& message);

// Signs; remembers the signing keys it derived.
class Signer {
public:
    std::string sign(const Message& message, const SignedText& text);

private:
    std::map<std::string, auth::SigningKey> keys_;
};

// A raw query string's parameter: the value as it stands, not decoded.
std::optional<std::string> raw_parameter(std::string_view query, std::string_view name);
// Replaces the value of the first parameter of that name; nothing happens when there is none.
void set_parameter(std::string& query, std::string_view name, std::string_view raw_value);
void remove_parameter(std::string& query, std::string_view name);
void add_parameter(std::string& query, std::string_view name_and_value);

} // namespace benchtop::explain
