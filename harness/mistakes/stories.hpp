// The scenarios, for the registry.
#pragma once

#include "harness/mistakes/bench.hpp"

namespace benchtop::harness::mistakes {

// handout.cpp
Story stage_root();
Story get_instead_of_post();
Story query_string_missing();
Story url_expired();
Story moved_to_processed();

// calls.cpp
Story json_behind_url();
Story url_not_quoted();
Story url_decoded();
Story unsigned_header();
Story get_on_upload_url();

// signatures.cpp
Story content_type_signed();
Story wrong_region();
Story sigv2();
Story sigv2_in_v4_region();

// permissions.cpp
Story web_role_without_put();
Story worker_role_without_put();
Story worker_role_without_delete();
Story api_may_not_invoke();

// events.cpp
Story trigger_without_prefix();
Story worker_feeds_itself();
Story duplicate_event();
Story folder_after_trigger();
Story suffix_filter();
Story prefix_without_slash();

} // namespace benchtop::harness::mistakes
