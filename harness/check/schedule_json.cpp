// Schedules as files.
#include "emulator/core/encoding.hpp"
#include "emulator/faults/rules.hpp"
#include "harness/check/schedule.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace benchtop::harness::check {
namespace {

namespace json = boost::json;

constexpr std::string_view kForm = "benchtop-schedule/1";
// What a listing's first page shows, keys in uploads/ and processed/ together.
constexpr std::size_t kEntriesMax = 400;
// Longer than Lambda keeps an event many times over, and far from what a clock can hold.
constexpr microseconds kTimeMax = std::chrono::days(7);

std::string quoted(std::string_view text) {
    return json::serialize(json::string(text));
}

AwsError flaw(std::string_view what) {
    return AwsError(400, "InvalidSchedule", what);
}

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    const json::string* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

std::optional<std::int64_t> number_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || (!value->is_int64() && !value->is_uint64())) {
        return std::nullopt;
    }
    boost::system::error_code ec;
    const auto number = value->to_number<std::int64_t>(ec);
    return ec ? std::nullopt : std::optional(number);
}

const json::array* array_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    const json::array* array = value == nullptr ? nullptr : value->if_array();
    return array != nullptr && array->size() <= kEntriesMax ? array : nullptr;
}

std::string fault_json(const PlannedFault& planned) {
    std::string text = fmt::format(
        R"({{"at": {}, "fault": {})",
        quoted(planned.point),
        quoted(faults::name_of(planned.fault.kind))
    );
    if (planned.fault.delay.count() > 0) {
        text += fmt::format(R"(, "delayUs": {})", planned.fault.delay.count());
    }
    if (!planned.fault.code.empty()) {
        text += fmt::format(R"(, "code": {})", quoted(planned.fault.code));
    }
    return text + '}';
}

// A word the form does not know would pass for a fault that never happens.
bool knows_all(const json::object& object, std::initializer_list<std::string_view> names) {
    return std::all_of(object.begin(), object.end(), [&](const auto& member) {
        return std::find(names.begin(), names.end(), std::string_view(member.key())) != names.end();
    });
}

using faults::FaultPlace;

// "KEY #n: delivery k" or "KEY #n: OPERATION k".
std::optional<FaultPlace> place_of(std::string_view point) {
    const auto colon = point.rfind(": ");
    const auto space = point.rfind(' ');
    const auto hash = colon == std::string_view::npos ? colon : point.rfind(" #", colon);
    if (hash == std::string_view::npos || hash == 0 || space < colon + 2) {
        return std::nullopt;
    }
    const auto is_ordinal = [](std::string_view text) {
        const auto number = parse_u64(text);
        return number && *number >= 1 && *number <= 1'000'000;
    };
    if (!is_ordinal(point.substr(hash + 2, colon - hash - 2)) ||
        !is_ordinal(point.substr(space + 1))) {
        return std::nullopt;
    }
    return point.substr(colon + 2, space - colon - 2) == "delivery" ? FaultPlace::Event
                                                                    : FaultPlace::Call;
}

// Of all the kinds at a point one at most keeps it from being done and answered.
bool exclude_each_other(const PlannedFault& one, const PlannedFault& other) {
    const auto joins = [](const PlannedFault& planned) {
        return planned.fault.kind == faults::FaultKind::Delay ||
               planned.fault.kind == faults::FaultKind::Duplicate;
    };
    return one.point == other.point && !joins(one) && !joins(other);
}

Result<Upload> read_upload(const json::value& value) {
    const json::object* object = value.if_object();
    const auto at = object == nullptr ? std::nullopt : number_of(*object, "atUs");
    if (!at || *at < 0 || microseconds(*at) > kTimeMax) {
        return flaw("An upload needs atUs (0 to seven days), key and body.");
    }
    if (!knows_all(*object, {"atUs", "key", "body"})) {
        return flaw("An upload has atUs, key and body, and nothing else.");
    }
    Upload upload{microseconds(*at), text_of(*object, "key"), text_of(*object, "body")};
    if (upload.key.empty() || upload.key.size() > 1024) {
        return flaw("An upload's key has 1 to 1024 bytes.");
    }
    return upload;
}

Result<PlannedFault> read_fault(const json::value& value) {
    const json::object* object = value.if_object();
    if (object == nullptr) {
        return flaw("A fault is an object with at and fault.");
    }
    const auto kind = faults::kind_named(text_of(*object, "fault"));
    const std::string point = text_of(*object, "at");
    if (!kind || point.empty()) {
        return flaw(fmt::format("There is no fault \"{}\".", text_of(*object, "fault")));
    }
    if (!knows_all(*object, {"at", "fault", "delayUs", "code"})) {
        return flaw("A fault has at, fault, delayUs and code, and nothing else.");
    }
    const auto delay = number_of(*object, "delayUs").value_or(0);
    if (delay < 0 || microseconds(delay) > kTimeMax) {
        return flaw("delayUs is between 0 and seven days.");
    }
    const auto place = place_of(point);
    if (!place) {
        return flaw(fmt::format(
            "\"{}\" is no point: \"KEY #n: delivery k\" or \"KEY #n: OPERATION k\".", point
        ));
    }
    if (!faults::can_happen(*kind, *place)) {
        return flaw(fmt::format(
            "\"{}\" does not happen to {}.",
            faults::name_of(*kind),
            *place == FaultPlace::Call ? "a call" : "a delivery"
        ));
    }
    const std::string code = text_of(*object, "code");
    if (!faults::is_fault_code(code)) {
        return flaw("code is InternalError, ServiceUnavailable or SlowDown.");
    }
    return PlannedFault{point, {*kind, microseconds(delay), code}};
}

} // namespace

std::string to_json(const SavedSchedule& saved) {
    const Schedule& schedule = saved.schedule;
    std::string text = fmt::format(
        "{{\n  \"form\": {},\n  \"handler\": {},\n  \"violated\": {},\n  \"trace\": {},\n  "
        "\"seed\": {},\n  "
        "\"uploads\": [",
        quoted(kForm),
        quoted(saved.handler),
        quoted(saved.violated),
        quoted(saved.trace),
        schedule.seed
    );
    std::string_view between = "\n    ";
    for (const Upload& upload : schedule.uploads) {
        text += fmt::format(
            R"({}{{"atUs": {}, "key": {}, "body": {}}})",
            between,
            upload.at.count(),
            quoted(upload.key),
            quoted(upload.body)
        );
        between = ",\n    ";
    }
    text += schedule.uploads.empty() ? "],\n" : "\n  ],\n";
    text += "  \"faults\": [";
    between = "\n    ";
    for (const PlannedFault& planned : schedule.faults) {
        text += between;
        text += fault_json(planned);
        between = ",\n    ";
    }
    text += schedule.faults.empty() ? "]\n}\n" : "\n  ]\n}\n";
    return text;
}

Result<SavedSchedule> parse_schedule(std::string_view text) {
    boost::system::error_code ec;
    const json::value document = json::parse(text, ec);
    const json::object* object = ec ? nullptr : document.if_object();
    if (object == nullptr || text_of(*object, "form") != kForm) {
        return flaw(fmt::format("It is not a JSON document of the form \"{}\".", kForm));
    }
    const json::array* uploads = array_of(*object, "uploads");
    const json::array* planned = array_of(*object, "faults");
    const json::value* seed = object->if_contains("seed");
    if (uploads == nullptr || planned == nullptr || seed == nullptr || !seed->is_number()) {
        return flaw(fmt::format(
            "It needs seed, and lists of uploads and faults with at most {} entries.", kEntriesMax
        ));
    }
    SavedSchedule saved;
    saved.handler = text_of(*object, "handler");
    saved.violated = text_of(*object, "violated");
    saved.trace = text_of(*object, "trace");
    saved.schedule.seed = seed->to_number<std::uint64_t>(ec);
    if (ec) {
        return flaw("seed is a whole number.");
    }
    for (const json::value& value : *uploads) {
        auto upload = read_upload(value);
        if (!upload) {
            return upload.error();
        }
        saved.schedule.uploads.push_back(*std::move(upload));
    }
    for (const json::value& value : *planned) {
        auto fault = read_fault(value);
        if (!fault) {
            return fault.error();
        }
        for (const PlannedFault& other : saved.schedule.faults) {
            if (exclude_each_other(*fault, other)) {
                return flaw(fmt::format("Two faults exclude each other at \"{}\".", other.point));
            }
        }
        saved.schedule.faults.push_back(*std::move(fault));
    }
    return saved;
}

} // namespace benchtop::harness::check
