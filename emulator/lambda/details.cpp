#include "emulator/lambda/details.hpp"

#include "emulator/core/ids.hpp"
#include "emulator/protocol/json_writer.hpp"

#include <boost/json.hpp>

namespace benchtop::lambda {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, std::string_view name, std::string_view otherwise) {
    const json::value* value = object.if_contains(name);
    return std::string(value != nullptr ? std::string_view(value->get_string()) : otherwise);
}

std::int64_t number(const json::object& object, std::string_view name, std::int64_t otherwise) {
    const json::value* value = object.if_contains(name);
    return value != nullptr ? value->to_number<std::int64_t>() : otherwise;
}

} // namespace

Details details_of(const store::Function& function) {
    Details details;
    details.created_at = function.last_modified;
    details.updated_at = function.last_modified;
    details.has_environment = !function.environment.empty();
    if (function.details.empty()) {
        // Deployed with a stack before it was ever looked at: all settled, one revision.
        details.revision = details.settled_revision = "00000000-0000-4000-8000-000000000000";
        details.created_at = details.updated_at = UtcInstant{};
        return details;
    }
    const json::value parsed = json::parse(function.details);
    const json::object& object = parsed.get_object();
    details.description = text(object, "description", "");
    details.published_description = text(object, "publishedDescription", "");
    details.code_size = static_cast<std::uint64_t>(number(object, "codeSize", 0));
    details.code_sha256 = text(object, "codeSha256", "");
    details.code_secret = text(object, "codeSecret", "");
    details.has_environment = number(object, "hasEnvironment", 0) != 0;
    details.ephemeral_mb = static_cast<int>(number(object, "ephemeralMb", 512));
    details.architecture = text(object, "architecture", "x86_64");
    details.tracing_mode = text(object, "tracingMode", "PassThrough");
    details.log_format = text(object, "logFormat", "Text");
    details.log_group = text(object, "logGroup", "");
    if (const json::value* tags = object.if_contains("tags")) {
        for (const auto& [key, value] : tags->get_object()) {
            details.tags.emplace_back(key, value.get_string());
        }
    }
    details.created_at = UtcInstant{microseconds{number(object, "createdAt", 0)}};
    details.updated_at = UtcInstant{microseconds{number(object, "updatedAt", 0)}};
    details.revision = text(object, "revision", "");
    details.settled_revision = text(object, "settledRevision", "");
    details.next_version = static_cast<int>(number(object, "nextVersion", 1));
    return details;
}

void set_details(store::Function& function, const Details& details) {
    protocol::JsonWriter json;
    json.begin_object()
        .member("description", details.description)
        .member("publishedDescription", details.published_description)
        .member("codeSize", static_cast<std::int64_t>(details.code_size))
        .member("codeSha256", details.code_sha256)
        .member("codeSecret", details.code_secret)
        .member("hasEnvironment", std::int64_t{details.has_environment})
        .member("ephemeralMb", std::int64_t{details.ephemeral_mb})
        .member("architecture", details.architecture)
        .member("tracingMode", details.tracing_mode)
        .member("logFormat", details.log_format)
        .member("logGroup", details.log_group);
    if (!details.tags.empty()) {
        json.key("tags").begin_object();
        for (const auto& [key, value] : details.tags) {
            json.member(key, value);
        }
        json.end_object();
    }
    json.member("createdAt", std::int64_t{details.created_at.time_since_epoch().count()})
        .member("updatedAt", std::int64_t{details.updated_at.time_since_epoch().count()})
        .member("revision", details.revision)
        .member("settledRevision", details.settled_revision)
        .member("nextVersion", std::int64_t{details.next_version})
        .end_object();
    function.details = std::move(json).take();
}

AliasDetails details_of(const store::FunctionAlias& alias) {
    const json::value parsed = json::parse(alias.details);
    const json::object& object = parsed.get_object();
    return {text(object, "description", ""), text(object, "revision", "")};
}

void set_details(store::FunctionAlias& alias, const AliasDetails& details) {
    protocol::JsonWriter json;
    json.begin_object()
        .member("description", details.description)
        .member("revision", details.revision)
        .end_object();
    alias.details = std::move(json).take();
}

Phase phase_of(const Details& details, const TimeAxis& axis, UtcInstant now) {
    if (axis.age(details.created_at, now) < kSettlingTime) {
        return Phase::Creating;
    }
    return axis.age(details.updated_at, now) < kSettlingTime ? Phase::Updating : Phase::Settled;
}

const std::string& current_revision(const Details& details, Phase phase) {
    return phase == Phase::Settled ? details.settled_revision : details.revision;
}

void begin_revision(Details& details, Random& random, bool settles_at_once) {
    details.revision = make_uuid(random);
    details.settled_revision = settles_at_once ? details.revision : make_uuid(random);
}

} // namespace benchtop::lambda
