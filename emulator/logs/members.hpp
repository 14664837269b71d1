// The members of a request, read one after the other; the first of a wrong type is remembered
// (SerializationException) and asked for once.
#pragma once

#include "emulator/protocol/json_input.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::logs {

class Members {
public:
    explicit Members(const boost::json::object& object)
        : input_(object) {}

    std::optional<std::string> string(std::string_view name) { return keep(input_.string(name)); }

    std::optional<std::int64_t> integer(std::string_view name) {
        return keep(input_.integer(name));
    }

    bool boolean(std::string_view name) { return keep(input_.boolean(name)).value_or(false); }

    std::optional<std::vector<std::string>> strings(std::string_view name) {
        return keep(input_.strings(name));
    }

    // Null when absent.
    const boost::json::array* array(std::string_view name) { return keep(input_.array(name)); }

    Result<void> take() const { return error_ ? Result<void>(*error_) : Result<void>(); }

private:
    template <class T>
    T keep(Result<T> given) {
        if (given) {
            return *std::move(given);
        }
        if (!error_) {
            error_ = given.error();
        }
        return T{};
    }

    protocol::JsonInput input_;
    std::optional<AwsError> error_;
};

} // namespace benchtop::logs
