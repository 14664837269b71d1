#include "handlers/aws/error.hpp"

#include "handlers/aws/text.hpp"

#include <stdexcept>

namespace handlers::aws {

std::string Error::to_payload() const {
    return "{\"errorMessage\":" + json_quote(message_) + ",\"errorType\":" + json_quote(type_) +
           ",\"stackTrace\":[]}";
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::logic_error("an Outcome was taken without being tested: " + error.message());
}

} // namespace handlers::aws
