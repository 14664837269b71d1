#include "emulator/core/encoding.hpp"
#include "harness/mistakes/stories.hpp"

#include <array>

namespace benchtop::harness::mistakes {
namespace {

constexpr std::array<Mistake, 24> kMistakes{{
    {1, "stage-root", "Calling the stage root", "stage-root", stage_root},
    {2, "get-instead-of-post", "GET instead of POST", "wrong-method", get_instead_of_post},
    {3,
     "query-string-missing",
     "Copying only the base S3 URL (missing query string)",
     "query-string-missing",
     query_string_missing},
    {4, "url-expired", "URL expired (300 seconds)", "url-expired", url_expired},
    {5,
     "moved-to-processed",
     "\"I uploaded, but it is not in uploads/\"",
     "moved-to-processed",
     moved_to_processed},
    {6,
     "content-type-signed",
     "Content-Type signed by one side only",
     "content-type-signed",
     content_type_signed},
    {7,
     "json-behind-url",
     "The JSON's tail pasted behind the URL",
     "json-behind-url",
     json_behind_url},
    {8, "wrong-region", "Signed for the wrong region", "wrong-region", wrong_region},
    {9,
     "sigv2-content-type",
     "Signature Version 2 and curl's Content-Type (region us-east-1)",
     "sigv2-content-type",
     sigv2},
    {10,
     "sigv2-in-v4-region",
     "Signature Version 2 in a region that knows only Version 4",
     "sigv2-in-v4-region",
     sigv2_in_v4_region},
    {11,
     "web-role-without-put",
     "Permission missing in the web function's role",
     "permission-missing",
     web_role_without_put},
    {12,
     "worker-role-without-put",
     "Permission missing in the worker's role",
     "permission-missing",
     worker_role_without_put},
    {13,
     "worker-role-without-delete",
     "Copied, but not deleted: the file in both places",
     "permission-missing",
     worker_role_without_delete},
    {14,
     "api-permission-missing",
     "API Gateway may not invoke the function",
     "api-permission-missing",
     api_may_not_invoke},
    {15,
     "trigger-without-prefix",
     "Trigger without a prefix",
     "trigger-without-prefix",
     trigger_without_prefix},
    {16,
     "worker-feeds-itself",
     "The worker writes under its own trigger's prefix",
     "worker-feeds-itself",
     worker_feeds_itself},
    {17, "duplicate-event", "An event delivered twice", "duplicate-event", duplicate_event},
    {18,
     "folder-event",
     "\"Folder\" created after the trigger",
     "folder-event",
     folder_after_trigger},
    {19, "suffix-filter", "Suffix filter and another file name", "suffix-filter", suffix_filter},
    {20,
     "prefix-without-slash",
     "Upload prefix without its slash",
     "prefix-without-slash",
     prefix_without_slash},
    {21, "url-not-quoted", "URL without quotes in the shell", "url-not-quoted", url_not_quoted},
    {22,
     "header-not-signed",
     "An x-amz-* header the URL does not cover",
     "header-not-signed",
     unsigned_header},
    {23, "url-decoded", "Security token damaged on its way", "url-decoded", url_decoded},
    {24, "get-on-upload-url", "Upload URL opened with GET", "method-not-signed", get_on_upload_url},
}};

} // namespace

std::span<const Mistake> all_mistakes() {
    return kMistakes;
}

const Mistake* find_mistake(std::string_view which) {
    const auto number = parse_u64(which);
    const Mistake* by_hint = nullptr;
    for (const Mistake& mistake : kMistakes) {
        if (mistake.slug == which ||
            (number && *number == static_cast<std::uint64_t>(mistake.number))) {
            return &mistake;
        }
        if (by_hint == nullptr && mistake.hint == which) {
            by_hint = &mistake;
        }
    }
    return by_hint;
}

} // namespace benchtop::harness::mistakes
