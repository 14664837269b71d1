// Tags of objects and buckets: the Tagging document and the rules of keys and values ("Categorizing
// your objects using tags", "Using cost allocation S3 bucket tags", Amazon S3 User Guide; texts and
// order of refusals recorded).
#pragma once

#include "emulator/core/result.hpp"

#include <pugixml.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::s3 {

using Tags = std::vector<std::pair<std::string, std::string>>;

enum class TagsOf { Object, Bucket, NewBucket /* CreateBucket, with texts of its own */ };

inline constexpr std::size_t kObjectTagsMax = 10;
inline constexpr std::size_t kBucketTagsMax = 50;

// Errors: InvalidTag.
Result<void> check_tag(std::string_view key, std::string_view value, TagsOf of);

AwsError too_many_tags(TagsOf of); // BadRequest

// x-amz-tagging: at most 10 tags in the form of a query. Errors: InvalidArgument, InvalidTag,
// BadRequest.
Result<Tags> decode_tagging_header(std::string_view value);

// The Tag elements below `set`, which may be an empty node. Errors: MalformedXML, InvalidTag,
// BadRequest.
Result<Tags> parse_tag_set(pugi::xml_node set, TagsOf of);
// <Tagging><TagSet>...</TagSet></Tagging>
Result<Tags> parse_tagging_document(std::string_view xml, TagsOf of);
std::string tagging_document(const Tags& tags);

} // namespace benchtop::s3
