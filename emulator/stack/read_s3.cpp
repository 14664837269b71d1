#include "emulator/protocol/xml_writer.hpp"
#include "emulator/stack/readers.hpp"

#include <array>

namespace benchtop::stack {
namespace {

void read_triggers(Reading& reading, BucketSpec& bucket) {
    Properties notification = reading.properties.map("NotificationConfiguration");
    const auto ids = reading.metadata_list("NotificationIds");
    for (Properties& configuration : notification.maps("LambdaConfigurations")) {
        Trigger trigger;
        // CloudFormation has no property for the id, S3 makes one up.
        trigger.id = bucket.triggers.size() < ids.size()
                         ? ids[bucket.triggers.size()]
                         : reading.evaluator.drawn(
                               reading.resource, 20, "abcdefghijklmnopqrstuvwxyz0123456789"
                           ) + std::to_string(bucket.triggers.size() + 1);
        trigger.function_arn = configuration.required("Function");
        trigger.event = configuration.required("Event");
        Properties filter = configuration.map("Filter");
        Properties s3_key = filter.map("S3Key");
        for (Properties& rule : s3_key.maps("Rules")) {
            const std::string name = rule.required("Name");
            std::string& value = name == "prefix" || name == "Prefix"   ? trigger.prefix
                                 : name == "suffix" || name == "Suffix" ? trigger.suffix
                                                                        : trigger.id;
            if (&value == &trigger.id) {
                rule.fail("Name", "this must be prefix or suffix, not " + name + ".");
            }
            value = rule.required("Value");
            rule.finish();
        }
        s3_key.finish();
        filter.finish();
        configuration.finish();
        bucket.triggers.push_back(std::move(trigger));
    }
    notification.finish();
}

// A new bucket has all four on; Benchtop cannot turn them off.
void check_public_access_block(Properties& properties) {
    Properties block = properties.map("PublicAccessBlockConfiguration");
    for (const std::string_view name :
         {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}) {
        if (block.boolean(name) == false) {
            block.fail(name, "Benchtop blocks public access always.");
        }
    }
    block.finish();
    Properties controls = properties.map("OwnershipControls");
    for (Properties& rule : controls.maps("Rules")) {
        if (rule.required("ObjectOwnership") != "BucketOwnerEnforced") {
            rule.fail("ObjectOwnership", "Benchtop sets BucketOwnerEnforced only.");
        }
        rule.finish();
    }
    controls.finish();
}

std::string read_cors(Properties& properties) {
    if (!properties.has("CorsConfiguration")) {
        return {};
    }

    struct Part {
        std::string_view property;
        std::string_view element;
    };

    constexpr std::array parts{
        Part{"AllowedHeaders", "AllowedHeader"},
        Part{"AllowedMethods", "AllowedMethod"},
        Part{"AllowedOrigins", "AllowedOrigin"},
        Part{"ExposedHeaders", "ExposeHeader"}};
    Properties cors = properties.map("CorsConfiguration");
    protocol::XmlWriter xml;
    xml.open("CORSConfiguration");
    for (Properties& rule : cors.maps("CorsRules")) {
        xml.open("CORSRule");
        if (const auto id = rule.text("Id")) {
            xml.element("ID", *id);
        }
        for (const Part& part : parts) {
            for (const std::string& one : rule.texts(part.property)) {
                xml.element(part.element, one);
            }
        }
        if (const auto age = rule.integer("MaxAge")) {
            xml.element("MaxAgeSeconds", std::to_string(*age));
        }
        rule.finish();
        xml.close();
    }
    cors.finish();
    xml.close();
    return std::move(xml).take();
}

} // namespace

void read_bucket(Reading& reading) {
    Properties& properties = reading.properties;
    BucketSpec bucket;
    bucket.origin = reading.origin;
    properties.find("BucketName");
    bucket.name = reading.evaluator.ref(reading.resource);
    bucket.folders = reading.metadata_list("Folders");
    read_triggers(reading, bucket);
    Properties versioning = properties.map("VersioningConfiguration");
    bucket.versioning = versioning.text("Status").value_or("");
    versioning.finish();
    bucket.cors = read_cors(properties);
    check_public_access_block(properties);
    bucket.tags = properties.tags("Tags");
    reading.stack.buckets.push_back(std::move(bucket));
}

void read_bucket_policy(Reading& reading) {
    Properties& properties = reading.properties;
    BucketPolicySpec policy;
    policy.origin = reading.origin;
    policy.bucket = properties.required("Bucket");
    const auto document = properties.document("PolicyDocument");
    if (!document) {
        properties.fail("PolicyDocument", "this is missing.");
    }
    policy.document = *document;
    reading.stack.bucket_policies.push_back(std::move(policy));
}

} // namespace benchtop::stack
