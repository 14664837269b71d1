// What the store keeps, as values. Stamps are on the real axis (core/time_axis.hpp). Texts owned by
// a service (a notification configuration, a policy) are opaque here.
#pragma once

#include "emulator/core/digest.hpp"
#include "emulator/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::store {

using BucketId = std::int64_t;
using BodyId = std::int64_t;

struct Account {
    std::string id;                 // 12 digits
    std::string canonical_id;       // 64 hex: Owner/ID in S3 answers
    std::string owner_principal_id; // "A3EXAMPLE08564": ownerIdentity in S3 events
};

struct Bucket {
    BucketId id = 0;
    std::string name;
    std::string account;
    std::string region;
    UtcInstant created_at{};
    // Grows with every change of the configuration below; caches key on (id, version).
    std::int64_t version = 0;
    std::string notification; // s3/notifications owns the form; "" when never set
    std::string policy;       // JSON text as given; "" when none
    // Every other sub-resource by name ("versioning", "cors", "inventory/ID"); s3/ owns the forms.
    std::vector<std::pair<std::string, std::string>> settings;

    // nullopt: never set, or deleted.
    std::optional<std::string_view> setting(std::string_view wanted) const {
        for (const auto& [given, text] : settings) {
            if (given == wanted) {
                return text;
            }
        }
        return std::nullopt;
    }
};

// Header-like attributes of an object, stored and returned verbatim.
struct ObjectAttributes {
    std::string content_type; // "binary/octet-stream" when the client sent none
    std::string cache_control;
    std::string content_disposition;
    std::string content_encoding;
    std::string content_language;
    std::string expires;
    std::string website_redirect_location;
    std::string storage_class; // "" is STANDARD
    std::vector<std::pair<std::string, std::string>>
        metadata; // lower-case names without x-amz-meta-
    std::vector<std::pair<std::string, std::string>> tags;
    bool operator==(const ObjectAttributes&) const = default;
};

// Retention and legal hold of one version. `retain_until` is the client's stamp (real axis), set at
// `set_at`: what lies between the two is what has to pass on the lab's clock.
struct ObjectLock {
    std::string mode; // "", GOVERNANCE or COMPLIANCE
    UtcInstant retain_until{};
    UtcInstant set_at{};
    bool legal_hold = false;
    bool operator==(const ObjectLock&) const = default;
};

// One version of an object, or a delete marker.
struct Object {
    std::string key;            // raw bytes, at most 1024
    std::string version_id;     // "" is the null version
    bool delete_marker = false; // without body, ETag and attributes
    std::uint64_t size = 0;
    std::string etag;           // without quotes
    UtcInstant last_modified{}; // microseconds; clients see whole seconds
    BodyId body = 0;            // 0: empty body, no row
    std::optional<ChecksumAlgorithm> checksum_algorithm;
    std::string checksum;      // base64
    std::string checksum_type; // FULL_OBJECT or COMPOSITE
    std::string sequencer;     // of the event that made it; orders the versions of a key
    ObjectAttributes attributes;
    int parts = 0;          // of the multipart upload that made it; 0: a single PUT or a copy
    std::string owner;      // account that wrote it; "" is the bucket's owner
    std::string acl;        // s3/acl owns the form; "" is private
    std::string encryption; // s3/encryption owns the form; "" is SSE-S3
    ObjectLock lock;
};

// Part of a stored body.
struct BodySlice {
    BodyId body = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

// A part of a completed multipart upload, as ?partNumber= and GetObjectAttributes show it; its
// number is its position, counted from 1.
struct BodyPart {
    std::uint64_t offset = 0; // in the whole
    std::uint64_t size = 0;
    std::string checksum; // base64; "" when the upload had no algorithm
};

// A multipart upload under way, or the memory of one that has ended.
struct Upload {
    std::string id;
    BucketId bucket = 0;
    // What the completed object will have: key, attributes, checksum algorithm and type, owner,
    // acl, lock. Its sequencer is the upload's: it orders the uploads of a key, and the object
    // among the versions of the key.
    Object object;
    UtcInstant initiated_at{};
    std::string initiator;      // ARN or canonical id
    std::string initiator_name; // DisplayName
    // "" while open. Then a sequencer, which orders ended uploads by their end, and what s3/ wants
    // to know to answer a repeated request.
    std::string completion;
    bool key_deleted = false; // the key was deleted since the upload began; the store sets it
};

struct UploadPart {
    int number = 0; // 1 to 10,000
    BodyId body = 0;
    std::uint64_t size = 0;
    std::string etag;     // without quotes
    std::string checksum; // base64, of the upload's algorithm; CRC64NVME when it has none
    UtcInstant last_modified{};
};

enum class PrincipalKind { Root, User, Role, Group };

inline constexpr std::string_view kLatestVersion = "$LATEST";
inline constexpr std::string_view kFunctionCodeSpace = "lambda/code";

struct User {
    std::string account;
    std::string name;
    std::string path = "/";
    std::string user_id; // AIDA...
    UtcInstant created_at{};
    std::string details; // iam/ owns the form (tags, boundary...); "" when there are none
};

struct Role {
    std::string account;
    std::string name;
    std::string path = "/";
    std::string role_id; // AROA...
    std::string trust_policy;
    UtcInstant created_at{};
    std::string
        details; // iam/ owns the form (description, tags, boundary...); "" when there are none
};

struct InlinePolicy {
    std::string name;
    std::string document;
};

// A long-term key of a user, or the temporary credentials of a role session.
struct AccessKey {
    std::string access_key_id;
    std::string secret;
    std::string account;
    PrincipalKind kind = PrincipalKind::User;
    std::string principal_name; // user or role name; "" for root
    std::string session_name;   // role sessions
    std::string session_token;  // "" for long-term keys
    std::string session_policy; // "" when none
    UtcInstant issued_at{};
    std::optional<microseconds> lifetime; // temporary credentials
};

// A Lambda function: $LATEST, or one of its published versions.
struct Function {
    std::string account;
    std::string region;
    std::string name;
    std::string role_arn;
    std::string runtime; // "provided.al2023", "python3.11"...
    std::string handler;
    // "plugin": code is the name of a C++ plugin; "zip": the hex SHA-256 of the archive, which is
    // the document of that key in the space kFunctionCodeSpace.
    std::string code_kind;
    std::string code;
    std::vector<std::pair<std::string, std::string>> environment;
    int timeout_s = 3;
    int memory_mb = 128;
    std::string policy; // resource policy JSON, "" when none
    UtcInstant last_modified{};
    std::string version = std::string(kLatestVersion); // or "1", "2"...
    // lambda/ owns the form (description, tags, revision, state...); "" when there are none.
    std::string details;

    std::string arn() const {
        return "arn:aws:lambda:" + region + ":" + account + ":function:" + name;
    }
};

struct FunctionAlias {
    std::string account;
    std::string region;
    std::string function;
    std::string name;
    std::string version; // "1", or "$LATEST"
    std::string policy;  // resource policy JSON, "" when none
    std::string details; // lambda/ owns the form
};

// An HTTP API with its parts. Parts are few and always read together, so they are one document.
struct HttpApi {
    std::string api_id;
    std::string account;
    std::string region;
    std::string name;
    std::string document; // apigateway/ owns the form (routes, integrations, stages)
    std::int64_t version = 0;
    UtcInstant created_at{};
};

enum class DeliveryState {
    Unmatched, // no rule matched; kept so that a student can see why
    Pending,   // waits for its (next) attempt
    Done,
    Dead, // attempts exhausted
};

// An asynchronous invocation and what became of it: outbox row and delivery card in one. Most are
// object events; an Event invocation has neither bucket nor key.
struct Delivery {
    std::int64_t id = 0; // ascending; order of commits
    DeliveryState state = DeliveryState::Pending;
    std::string bucket;
    std::string key;
    std::string event_name;   // "ObjectCreated:Put"
    std::string rule_id;      // configuration that matched; "" when Unmatched
    std::string explanation;  // why it matched or why none did
    std::string function_arn; // "" when Unmatched
    std::string payload;      // event JSON, sent byte for byte on each attempt
    std::string request_id;   // Lambda's, the same for all attempts
    std::string source_account;
    UtcInstant created_at{};
    int attempts = 0;
    // Due when created/last attempt is `delay` old (core/time_axis.hpp), so that an advance makes
    // it due.
    UtcInstant last_attempt_at{};
    microseconds delay{};
    std::string last_result;   // "ok" or the error payload of the last attempt
    std::string source = "s3"; // who handed it over: "s3", "lambda" (Invoke with Event)
    std::string details;       // X-Amzn-Trace-Id of the request that raised it; "" for none
};

// A line of a CloudWatch log stream. Stamps are on the real axis.
struct LogEvent {
    std::int64_t id = 0; // ascending within the store
    std::string stream;
    UtcInstant at{};
    UtcInstant ingested_at{};
    std::string message;
};

} // namespace benchtop::store
