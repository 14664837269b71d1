#include "emulator/s3/object_events.hpp"

#include <string>

namespace benchtop::s3 {
namespace {

// A delete marker's, as recorded: the MD5 of nothing.
constexpr std::string_view kMarkerETag = "d41d8cd98f00b204e9800998ecf8427e";

} // namespace

ObjectEvent created_event(std::string_view event_name, const store::Object& object) {
    return {
        std::string(event_name),
        object.key,
        object.size,
        object.etag,
        object.sequencer,
        object.version_id};
}

ObjectEvent deleted_event(
    std::string_view event_name,
    std::string_view key,
    std::string_view version_id,
    std::string_view sequencer
) {
    return {
        std::string(event_name),
        std::string(key),
        std::nullopt,
        "",
        std::string(sequencer),
        std::string(version_id)};
}

ObjectEvent delete_marker_event(std::string_view event_name, const store::Object& marker) {
    return {
        std::string(event_name),
        marker.key,
        std::nullopt,
        std::string(kMarkerETag),
        marker.sequencer,
        marker.version_id};
}

ObjectEvent attributes_event(std::string_view event_name, const store::Object& object) {
    return {std::string(event_name), object.key, std::nullopt, object.etag, "", object.version_id};
}

ObjectEvent transition_event(const store::Object& object) {
    return {
        "LifecycleTransition",
        object.key,
        object.size,
        object.etag,
        "",
        object.version_id,
        object.attributes.storage_class};
}

} // namespace benchtop::s3
