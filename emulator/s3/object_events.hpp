// The events of the changes of objects: which members each kind carries ("Event message structure",
// Amazon S3 User Guide; the table was recorded).
#pragma once

#include "emulator/s3/events.hpp"

#include <string_view>

namespace benchtop::s3 {

// "ObjectCreated:Put", ":Post", ":Copy", ":CompleteMultipartUpload": of the object as stored.
ObjectEvent created_event(std::string_view event_name, const store::Object& object);

// "ObjectRemoved:Delete" or "LifecycleExpiration:Delete": a version is gone for good, or the object
// of a bucket without versions. `version_id` "" is the null version.
ObjectEvent deleted_event(
    std::string_view event_name,
    std::string_view key,
    std::string_view version_id,
    std::string_view sequencer
);

// "ObjectRemoved:DeleteMarkerCreated" or "LifecycleExpiration:DeleteMarkerCreated": of the marker
// as stored.
ObjectEvent delete_marker_event(std::string_view event_name, const store::Object& marker);

// "ObjectTagging:Put", "ObjectTagging:Delete", "ObjectAcl:Put": the version stays what it is.
ObjectEvent attributes_event(std::string_view event_name, const store::Object& object);

// "LifecycleTransition": of the object in its new storage class.
ObjectEvent transition_event(const store::Object& object);

} // namespace benchtop::s3
