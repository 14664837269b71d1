#include "emulator/core/error.hpp"

#include <stdexcept>

namespace benchtop {

AwsError::AwsError()
    : AwsError(500, "InternalError", "We encountered an internal error. Please try again.") {}

AwsError::AwsError(
    int status, std::string_view code, std::string_view message, boost::source_location where
)
    : status_(status)
    , code_(code)
    , message_(message)
    , where_(where) {}

AwsError& AwsError::with(std::string_view name, std::string_view value) & {
    extra_.emplace_back(name, value);
    return *this;
}

AwsError&& AwsError::with(std::string_view name, std::string_view value) && {
    return std::move(with(name, value));
}

AwsError& AwsError::header(std::string_view name, std::string_view value) & {
    headers_.emplace_back(name, value);
    return *this;
}

AwsError&& AwsError::header(std::string_view name, std::string_view value) && {
    return std::move(header(name, value));
}

AwsError&& AwsError::because(std::string_view internal_cause) && {
    internal_cause_ = internal_cause;
    return std::move(*this);
}

AwsError&& AwsError::closing() && {
    closes_connection_ = true;
    return std::move(*this);
}

std::string_view AwsError::extra_value(std::string_view name) const {
    for (const auto& [key, value] : extra_) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

void throw_exception_from_error(const AwsError& error, const boost::source_location& where) {
    throw std::logic_error(
        "value() of an AwsError " + error.code() + ": " + error.message() + " (" +
        where.file_name() + ":" + std::to_string(where.line()) + ")"
    );
}

} // namespace benchtop
