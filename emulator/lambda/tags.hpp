// Tags, pages: what several operations read and write alike.
#pragma once

#include "emulator/core/result.hpp"
#include "emulator/lambda/names.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <utility>
#include <vector>

namespace benchtop::protocol {
class JsonWriter;
}

namespace benchtop::lambda {

using Tags = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::size_t kTagsMax = 50;

// The member "Tags"; none: an empty list. Keys of 1 to 128 characters, values up to 256.
Result<Tags> read_tags(const boost::json::object& members);
void write_tags(protocol::JsonWriter& json, const Tags& tags);

// The condition keys aws:RequestTag and aws:TagKeys of a request that gives tags, aws:ResourceTag
// of what has them.
void add_request_tags(service::AccessRequest& request, const boost::json::object& members);
void add_resource_tags(service::AccessRequest& request, const Tags& tags);

struct Page {
    std::size_t first = 0;
    std::size_t count = 0;
};

// ?MaxItems= (1 to `most`) and ?Marker=; at most `page_max` items come at once.
Result<Page> read_page(const Query& query, std::size_t page_max, std::size_t most);
// The member NextMarker, unless `end` is the end.
void write_next_marker(protocol::JsonWriter& json, std::size_t end, std::size_t size);

// Configurations of asynchronous invocation, all qualifiers.
void drop_event_invoke_configs(store::WriteTx& tx, const FunctionName& name);
void drop_event_invoke_config(
    store::WriteTx& tx, const FunctionName& name, std::string_view qualifier
);

} // namespace benchtop::lambda
