// From a request to the row of the table that answers it.
#include "emulator/pipeline/conversation.hpp"

#include "emulator/pipeline/admin/admin.hpp"

#include <algorithm>

namespace benchtop::pipeline {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1); // '/'
        const auto end = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments;
}

// The values of the pattern's {names}; nullopt: it is not this path.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
    const auto wanted = segments_of(pattern);
    const auto given = segments_of(path);
    if (wanted.size() != given.size()) {
        return std::nullopt;
    }
    std::vector<std::string> values;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!wanted[i].starts_with('{')) {
            if (wanted[i] != given[i]) {
                return std::nullopt;
            }
            continue;
        }
        auto value = percent_decode(given[i], PlusRule::Literal);
        if (!value || value->empty()) {
            return std::nullopt;
        }
        values.push_back(*std::move(value));
    }
    return values;
}

class AdminConversation final : public Conversation {
public:
    AdminConversation(Services& services, const RequestHead& head)
        : call_{services, head, Query::parse(head.query()), {}, {}, {}, {}} {}

    Action begin() override {
        // A page in the class's browser must not turn the clock (DNS rebinding is stopped by the
        // Host check).
        if (call_.head.headers.has("origin")) {
            return refuse(call_, 403, "A web page of another origin may not use /_benchtop/.");
        }
        if (call_.head.content_length.value_or(0) > 0 || call_.head.chunked) {
            return ReadBody{kAdminBodyMax};
        }
        return route();
    }

    std::optional<Respond> body(ByteView bytes) override {
        call_.body.append(as_text(bytes));
        return std::nullopt;
    }

    Action body_end() override { return route(); }

    Respond too_large() override { return refuse(call_, 413, "The body is larger than 64 KiB."); }

    Respond body_timed_out() override { return refuse(call_, 408, "The body did not arrive."); }

    Action committed(store::CommitStatus status) override {
        auto next = std::move(call_.after_commit);
        return next(status);
    }

    Action waited() override {
        auto next = std::move(call_.after_wait);
        return next();
    }

    Action invoked(std::optional<InvokeOutcome>) override {
        return refuse(call_, 500, "unexpected");
    }

    Respond store_failed() override { return refuse(call_, 500, "The store could not be read."); }

private:
    Action route() {
        const bool head = call_.head.method == "HEAD";
        std::string allowed;
        for (const AdminRoute& row : admin_routes()) {
            auto parameters = match(row.path, call_.head.path());
            if (!parameters) {
                continue;
            }
            if (row.method == call_.head.method || (head && row.method == "GET")) {
                call_.parameters = *std::move(parameters);
                return row.handler(call_);
            }
            allowed += (allowed.empty() ? "" : ", ") + std::string(row.method);
        }
        if (allowed.empty()) {
            return refuse(call_, 404, "There is no such page under /_benchtop/.");
        }
        Respond refusal = refuse(call_, 405, "This page answers " + allowed + ".");
        refusal.response.headers.add("Allow", allowed);
        return refusal;
    }

    AdminCall call_;
};

} // namespace

std::unique_ptr<Conversation> make_admin_conversation(Services& services, const RequestHead& head) {
    return std::make_unique<AdminConversation>(services, head);
}

} // namespace benchtop::pipeline
