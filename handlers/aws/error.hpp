// How a handler fails: the two members Lambda prints, and the result type that carries them.
#pragma once

#include <boost/system/result.hpp>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace handlers::aws {

// errorType is the class name a Python handler's exception would have ("ClientError", "KeyError"),
// so that payloads and logs read as they do in the lab.
class Error {
public:
    Error() = default; // asked for by boost::system::result; never reported

    Error(std::string type, std::string message)
        : type_(std::move(type))
        , message_(std::move(message)) {}

    const std::string& type() const { return type_; }

    const std::string& message() const { return message_; }

    // {"errorMessage":"...","errorType":"...","stackTrace":[]}
    std::string to_payload() const;

private:
    std::string type_;
    std::string message_;
};

// "Type: message", for test reports.
inline std::ostream& operator<<(std::ostream& out, const Error& error) {
    return out << error.type() << ": " << error.message();
}

template <typename T>
using Outcome = boost::system::result<T, Error>;

// boost::system::result asks for this where value() meets an error; handlers test before they take.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location&);

} // namespace handlers::aws
