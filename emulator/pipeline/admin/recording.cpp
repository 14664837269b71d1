// Sessions that can be repeated.
#include "emulator/core/encoding.hpp"
#include "emulator/core/utf8.hpp"
#include "emulator/pipeline/admin/advance.hpp"
#include "emulator/pipeline/admin/handlers.hpp"
#include "emulator/pipeline/controlled_clock.hpp"
#include "emulator/pipeline/controls.hpp"
#include "emulator/pipeline/recorder.hpp"
#include "emulator/pipeline/switchable_random.hpp"

#include <boost/json.hpp>

namespace benchtop::pipeline::admin {
namespace {

namespace json = boost::json;

bool has_recorder(const AdminCall& call) {
    return call.services.recorder != nullptr && call.services.controls != nullptr;
}

// A member that is a whole number from 0, or nullopt.
std::optional<std::int64_t> whole_number(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    boost::system::error_code ec;
    const auto number = value != nullptr && value->is_number() ? value->to_number<std::int64_t>(ec)
                                                               : std::int64_t{-1};
    return ec || number < 0 ? std::nullopt : std::optional(number);
}

Action begin_session(
    AdminCall& call, RecorderMode mode, std::uint64_t seed, std::optional<UtcInstant> at
) {
    Services& services = call.services;
    auto prepare = [&services, mode, seed, at] {
        auto& clock = services.controls->clock();
        clock.resume();
        const UtcInstant start = at ? *at : clock.pin_to_now();
        clock.pin(start);
        services.controls->random().seed(seed);
        services.recorder->begin(mode, seed, start);
    };
    return reset_with(call, prepare, [&call, seed]() -> Action {
        const auto start = call.services.recorder->started_at().time_since_epoch().count();
        return answer(call, 200, {{"seed", seed}, {"startedAt", start}});
    });
}

json::value bytes_of(std::string_view bytes) {
    if (is_valid_utf8(bytes)) {
        return json::value(bytes);
    }
    return json::object{{"base64", to_base64(as_bytes(bytes))}};
}

json::array headers_of(const std::vector<Headers::Entry>& headers) {
    json::array list;
    for (const auto& [name, value] : headers) {
        list.push_back(json::array{bytes_of(name), bytes_of(value)});
    }
    return list;
}

json::object card_of(const RecordedStep& step) {
    json::object card{
        {"at", step.at.time_since_epoch().count()},
        {"listener", step.head.listener == Listener::HttpApi ? "api" : "main"},
        {"secure", step.head.secure},
        {"chunked", step.head.chunked},
        {"method", bytes_of(step.head.method)},
        {"target", bytes_of(step.head.target)},
        {"headers", headers_of(step.head.headers.entries())},
        {"body", bytes_of(step.body)},
        {"answer", nullptr}};
    if (step.status != 0) {
        card["answer"] = json::object{
            {"status", step.status},
            {"headers", headers_of(step.headers)},
            {"body", bytes_of(step.answer)},
            {"size", step.answer_size}};
    }
    return card;
}

} // namespace

Action start_record(AdminCall& call) {
    if (!has_recorder(call)) {
        return not_here(call);
    }
    const auto document = body_object(call);
    const auto seed = document && document->contains("seed") ? whole_number(*document, "seed")
                                                             : std::optional<std::int64_t>(1);
    if (!document || !seed) {
        return refuse(call, 400, "Send {\"seed\": 7}: a number from 0 to 2^63-1.");
    }
    const auto number = static_cast<std::uint64_t>(*seed);
    return begin_session(call, RecorderMode::Recording, number, std::nullopt);
}

Action stop_record(AdminCall& call) {
    if (!has_recorder(call)) {
        return not_here(call);
    }
    Recorder& recorder = *call.services.recorder;
    if (recorder.mode() != RecorderMode::Recording) {
        return refuse(call, 409, "Nothing is recorded.");
    }
    const auto steps = recorder.end();
    call.services.controls->clock().unpin();
    if (!steps) {
        return refuse(call, 413, "The session became longer than 10000 requests or 32 MiB.");
    }
    json::array cards;
    for (const RecordedStep& step : *steps) {
        cards.push_back(card_of(step));
    }
    return answer(
        call,
        200,
        {{"recording", 1},
         {"seed", recorder.seed()},
         {"startedAt", recorder.started_at().time_since_epoch().count()},
         {"steps", std::move(cards)}}
    );
}

Action start_replay(AdminCall& call) {
    if (!has_recorder(call)) {
        return not_here(call);
    }
    const auto document = body_object(call);
    const auto seed = document ? whole_number(*document, "seed") : std::nullopt;
    const auto at = document ? whole_number(*document, "startedAt") : std::nullopt;
    if (!seed || !at) {
        return refuse(call, 400, "Send {\"seed\": 7, \"startedAt\": MICROSECONDS}.");
    }
    const UtcInstant start{microseconds{*at}};
    return begin_session(call, RecorderMode::Replaying, static_cast<std::uint64_t>(*seed), start);
}

Action set_replay_moment(AdminCall& call) {
    if (!has_recorder(call)) {
        return not_here(call);
    }
    const auto document = body_object(call);
    const auto at = document ? whole_number(*document, "at") : std::nullopt;
    if (!at) {
        return refuse(call, 400, "Send {\"at\": MICROSECONDS}.");
    }
    if (call.services.recorder->mode() != RecorderMode::Replaying) {
        return refuse(call, 409, "Nothing is replayed.");
    }
    call.services.recorder->next_at(UtcInstant{microseconds{*at}});
    return answer(call, 200, {{"at", *at}});
}

Action stop_replay(AdminCall& call) {
    if (!has_recorder(call)) {
        return not_here(call);
    }
    call.services.recorder->end();
    call.services.controls->clock().unpin();
    call.services.controls->random().seed(std::nullopt);
    return answer(call, 200, {{"status", "stopped"}});
}

} // namespace benchtop::pipeline::admin
