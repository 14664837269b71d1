#include "emulator/functions/host_call.hpp"

#include "emulator/functions/handler_http.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace benchtop::functions {

namespace {

HostCall& self_of(void* self) {
    return *static_cast<HostCall*>(self);
}

HandlerResponse no_answer(std::string_view reason) {
    HandlerResponse response;
    response.error = reason;
    return response;
}

} // namespace

HostCall::HostCall(
    std::shared_ptr<Gate> gate,
    HostPorts ports,
    Event event,
    std::shared_ptr<const EnvironmentMap> variables
)
    : gate_(std::move(gate))
    , ports_(ports)
    , event_(std::move(event))
    , variables_(std::move(variables)) {
    table_.abi_version = BENCHTOP_PLUGIN_ABI_VERSION;
    table_.struct_size = sizeof table_;
    table_.self = this;
    table_.log = [](void* self, const char* text, size_t size) {
        if (text != nullptr) {
            self_of(self).write({text, size});
        }
    };
    table_.now_ms = [](void* self) -> int64_t {
        auto& call = self_of(self);
        const auto pass = call.gate_->enter();
        return pass ? to_epoch_ms(call.ports_.clock.now()) : 0;
    };
    table_.remaining_ms = [](void* self) -> int64_t {
        auto& call = self_of(self);
        const auto pass = call.gate_->enter();
        if (!pass) {
            return 0;
        }
        const auto left = call.deadline_ - call.ports_.clock.monotonic();
        return std::max<int64_t>(0, std::chrono::duration_cast<milliseconds>(left).count());
    };
    table_.random = [](void* self, void* buffer, size_t size) {
        auto& call = self_of(self);
        if (const auto pass = call.gate_->enter()) {
            call.ports_.random.fill(RandomStream::Handler, {static_cast<char*>(buffer), size});
        } else {
            std::memset(buffer, 0, size); // nobody will see what is made of it
        }
    };
    table_.http_send =
        [](void* self, const benchtop_http_request* request, benchtop_http_response* response) {
            if (request != nullptr && response != nullptr) {
                self_of(self).http_send(*request, *response);
            }
        };
    table_.getenv = [](void* self, const char* name) -> const char* {
        auto& call = self_of(self);
        if (name == nullptr) {
            return nullptr;
        }
        if (std::string_view(name) == "_X_AMZN_TRACE_ID") {
            return call.event_.trace_id.c_str();
        }
        const auto found = call.variables_->find(std::string_view(name));
        return found == call.variables_->end() ? nullptr : found->second.c_str();
    };
}

void HostCall::write(std::string_view text) {
    const auto pass = gate_->enter();
    const std::lock_guard lock(mutex_);
    if (pass && closed_because_.empty()) {
        append(text);
    }
}

void HostCall::append(std::string_view text) {
    ports_.logs.append(event_.source, ports_.clock.now(), text);
    tail_ += text;
    std::replace(tail_.begin(), tail_.end(), '\r', '\n'); // records of several lines
    if (tail_.size() > 2 * kTailBytes) {
        tail_.erase(0, tail_.size() - kTailBytes);
    }
}

void HostCall::close(std::string_view last_lines, std::string_view reason) {
    const auto pass = gate_->enter();
    const std::lock_guard lock(mutex_);
    if (!closed_because_.empty()) {
        return;
    }
    if (pass && !last_lines.empty()) {
        append(last_lines);
    }
    closed_because_ = reason;
}

void HostCall::begin_tail() {
    const std::lock_guard lock(mutex_);
    tail_.clear();
}

std::string HostCall::log_tail() const {
    const std::lock_guard lock(mutex_);
    return tail_.size() > kTailBytes ? tail_.substr(tail_.size() - kTailBytes) : tail_;
}

void HostCall::http_send(const benchtop_http_request& request, benchtop_http_response& response) {
    const auto pass = gate_->enter();
    std::string closed;
    {
        const std::lock_guard lock(mutex_);
        closed = pass ? closed_because_ : "Benchtop is stopping";
    }
    if (!closed.empty()) {
        fill_handler_response(no_answer(closed), response);
        return;
    }
    auto parsed = read_handler_request(request, event_.memory_bytes);
    if (!parsed) {
        fill_handler_response(no_answer(parsed.error().message()), response);
        return;
    }
    const std::string_view host = parsed->head.host();
    if (!is_served_host(host, event_.endpoint_url)) {
        fill_handler_response(
            no_answer(fmt::format("{} is not served by Benchtop, and nothing leaves it", host)),
            response
        );
        return;
    }
    parsed->head.received_at = ports_.clock.now();
    Response answer = ports_.transport.send(
        std::move(parsed->head),
        std::move(parsed->body),
        {event_.source.function_name, event_.request_id, event_.trace_id}
    );
    if (answer.status == 0) {
        fill_handler_response(
            no_answer("Connection was closed before we received a valid response"), response
        );
        return;
    }
    fill_handler_response(to_handler_response(std::move(answer), event_.memory_bytes), response);
}

} // namespace benchtop::functions
