// The one error type of the house: what AWS would answer, as data.
//
// An AwsError is *expected*: a client made a mistake, or a resource is not there. It is rendered
// once, by the renderer of the protocol the client speaks (protocol/). Bugs are assertions, not
// AwsErrors.
#pragma once

#include <boost/assert/source_location.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop {

class AwsError {
public:
    // "InternalError": boost::system::result::error() of a value asks for a default.
    AwsError();
    // `status` is the HTTP status, `code` and `message` are AWS's spelling.
    explicit AwsError(
        int status,
        std::string_view code,
        std::string_view message,
        boost::source_location where = BOOST_CURRENT_LOCATION
    );

    // Adds an element between Message and RequestId (REST-XML) or a member (JSON). Order is kept.
    AwsError& with(std::string_view name, std::string_view value) &;
    AwsError&& with(std::string_view name, std::string_view value) &&;
    // Adds a response header (Allow, Location, x-amz-bucket-region...).
    AwsError& header(std::string_view name, std::string_view value) &;
    AwsError&& header(std::string_view name, std::string_view value) &&;
    // Text for the log only; a client never sees it.
    AwsError&& because(std::string_view internal_cause) &&;
    // AWS closes the connection after this answer.
    AwsError&& closing() &&;

    int status() const { return status_; }

    const std::string& code() const { return code_; }

    const std::string& message() const { return message_; }

    const std::vector<std::pair<std::string, std::string>>& extra() const { return extra_; }

    const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }

    const std::string& internal_cause() const { return internal_cause_; }

    bool closes_connection() const { return closes_connection_; }

    const boost::source_location& where() const { return where_; }

    // Value of an extra element, or "" when there is none.
    std::string_view extra_value(std::string_view name) const;

private:
    int status_;
    std::string code_;
    std::string message_;
    std::vector<std::pair<std::string, std::string>> extra_;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::string internal_cause_;
    bool closes_connection_ = false;
    boost::source_location where_;
};

// Makes Result<T>::value() usable: asking an error for its value is a bug.
[[noreturn]] void
throw_exception_from_error(const AwsError& error, const boost::source_location& where);

} // namespace benchtop
