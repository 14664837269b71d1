// What S3's XML answers have in common.
#pragma once

#include <string>
#include <string_view>

namespace benchtop::s3 {

inline constexpr std::string_view kXmlNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";

// A document of one empty element in S3's namespace: <LocationConstraint xmlns="..."/>.
std::string empty_document(std::string_view root);

// An entity tag as listings print it: in double quotes.
std::string quoted_etag(std::string_view etag);

} // namespace benchtop::s3
