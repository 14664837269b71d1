// Every operation that takes a document decodes or refuses whatever document it gets. The first
// line names the operation; a document operation without a seed here fails at once.
#include "emulator/s3/operation.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

using namespace benchtop;

extern "C" const char* const* benchtop_fuzz_seeds();
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        "CreateBucket\n<CreateBucketConfiguration "
        "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<LocationConstraint>us-east-2</LocationConstraint></CreateBucketConfiguration>",
        "DeleteObjects\n<Delete><Object><Key>a&amp;b</Key><VersionId>null</VersionId></Object>"
        "<Object><Key>c</Key><ETag>\"5d41402abc4b2a76b9719d911017c592\"</ETag></Object>"
        "<Quiet>true</Quiet></Delete>",
        "PutBucketNotificationConfiguration\n<NotificationConfiguration>"
        "<CloudFunctionConfiguration><Id>a</"
        "Id><CloudFunction>arn:aws:lambda:us-east-2:111122223333:"
        "function:worker-move-lambda</CloudFunction><Event>s3:ObjectCreated:*</"
        "Event><Filter><S3Key>"
        "<FilterRule><Name>prefix</Name><Value>uploads/</Value></FilterRule></S3Key></Filter>"
        "</CloudFunctionConfiguration><EventBridgeConfiguration/></NotificationConfiguration>",
        "PutBucketPolicy\n{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
        "\"Principal\":"
        "{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Action\":[\"s3:GetObject\"],\"Resource\":"
        "\"arn:aws:s3:::bucket/*\",\"Condition\":{\"StringLike\":{\"aws:UserAgent\":\"a*\"}}}]}",
        "PutBucketVersioning\n<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Disabled"
        "</MfaDelete></VersioningConfiguration>",
        "CompleteMultipartUpload\n<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        "<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag>"
        "<ChecksumCRC32>NhCmhg==</ChecksumCRC32></Part></CompleteMultipartUpload>",
        "PutBucketCors\n<CORSConfiguration><CORSRule><ID>a</ID>"
        "<AllowedOrigin>https://*.example.org</AllowedOrigin>"
        "<AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader>"
        "<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule>"
        "</CORSConfiguration>",
        "PutBucketTagging\n<Tagging><TagSet><Tag><Key>project</Key><Value>lab</Value></Tag>"
        "</TagSet></Tagging>",
        "PutObjectTagging\n<Tagging><TagSet><Tag><Key>project</Key><Value>lab</Value></Tag>"
        "</TagSet></Tagging>",
        "PutBucketAcl\n<AccessControlPolicy><Owner>"
        "<ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID></Owner>"
        "<AccessControlList><Grant>"
        "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\">"
        "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee>"
        "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
        "PutObjectAcl\n<AccessControlPolicy><Owner>"
        "<ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID></Owner>"
        "<AccessControlList><Grant>"
        "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\">"
        "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee>"
        "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
        "PutBucketLifecycleConfiguration\n<LifecycleConfiguration><Rule><ID>a</ID><Filter>"
        "<And><Prefix>logs/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>"
        "<Status>Enabled</Status><Expiration><Days>30</Days></Expiration>"
        "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
        "</NoncurrentVersionExpiration><AbortIncompleteMultipartUpload>"
        "<DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
        "</LifecycleConfiguration>",
        "PutBucketWebsite\n<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix>"
        "</IndexDocument><ErrorDocument><Key>error.html</Key></ErrorDocument><RoutingRules>"
        "<RoutingRule><Condition><KeyPrefixEquals>old/</KeyPrefixEquals>"
        "<HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition><Redirect>"
        "<HostName>example.org</HostName><Protocol>https</Protocol>"
        "<ReplaceKeyPrefixWith>new/</ReplaceKeyPrefixWith>"
        "<HttpRedirectCode>302</HttpRedirectCode></Redirect></RoutingRule></RoutingRules>"
        "</WebsiteConfiguration>",
        "PutObjectRetention\n<Retention><Mode>GOVERNANCE</Mode>"
        "<RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>",
        "PutObjectLegalHold\n<LegalHold><Status>ON</Status></LegalHold>",
        "PutObjectLockConfiguration\n<ObjectLockConfiguration>"
        "<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
        "<Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule>"
        "</ObjectLockConfiguration>",
        "PutPublicAccessBlock\n<PublicAccessBlockConfiguration>"
        "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>"
        "<BlockPublicPolicy>TRUE</BlockPublicPolicy>"
        "<RestrictPublicBuckets>false</RestrictPublicBuckets>"
        "</PublicAccessBlockConfiguration>",
        "PutBucketOwnershipControls\n<OwnershipControls><Rule>"
        "<ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>",
        "PutBucketRequestPayment\n<RequestPaymentConfiguration><Payer>Requester</Payer>"
        "</RequestPaymentConfiguration>",
        "PutBucketEncryption\n<ServerSideEncryptionConfiguration><Rule>"
        "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
        "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled>"
        "</Rule></ServerSideEncryptionConfiguration>",
        "PutBucketLogging\n<BucketLoggingStatus><LoggingEnabled>"
        "<TargetBucket>logs</TargetBucket><TargetPrefix>a/</TargetPrefix></LoggingEnabled>"
        "</BucketLoggingStatus>",
        "PutBucketAccelerateConfiguration\n<AccelerateConfiguration><Status>Enabled</Status>"
        "</AccelerateConfiguration>",
        "PutBucketReplication\n<ReplicationConfiguration>"
        "<Role>arn:aws:iam::111122223333:role/a</Role><Rule><ID>a</ID>"
        "<Status>Enabled</Status><Priority>1</Priority><Filter><Prefix>a</Prefix></Filter>"
        "<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>"
        "<Destination><Bucket>arn:aws:s3:::other</Bucket></Destination></Rule>"
        "</ReplicationConfiguration>",
        "PutBucketInventoryConfiguration\n<InventoryConfiguration><Id>a</Id>"
        "<IsEnabled>true</IsEnabled><Destination><S3BucketDestination>"
        "<Bucket>arn:aws:s3:::other</Bucket><Format>CSV</Format></S3BucketDestination>"
        "</Destination><IncludedObjectVersions>All</IncludedObjectVersions><Schedule>"
        "<Frequency>Daily</Frequency></Schedule></InventoryConfiguration>",
        "PutBucketAnalyticsConfiguration\n<AnalyticsConfiguration><Id>a</Id><Filter>"
        "<Prefix>a</Prefix></Filter><StorageClassAnalysis/></AnalyticsConfiguration>",
        "PutBucketMetricsConfiguration\n<MetricsConfiguration><Id>a</Id><Filter>"
        "<Prefix>a</Prefix></Filter></MetricsConfiguration>",
        "PutBucketIntelligentTieringConfiguration\n<IntelligentTieringConfiguration>"
        "<Id>a</Id><Status>Enabled</Status><Tiering><Days>90</Days>"
        "<AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering></IntelligentTieringConfiguration>",
        "RestoreObject\n<RestoreRequest><Days>1</Days><GlacierJobParameters>"
        "<Tier>Standard</Tier></GlacierJobParameters></RestoreRequest>",
        "CreateBucket\n<CreateBucketConfiguration>"
        "<LocationConstraint>us-east-2</LocationConstraint><Tags><Tag><Key>k</Key>"
        "<Value>v</Value></Tag></Tags></CreateBucketConfiguration>",
        nullptr};
    return seeds;
}

namespace {

[[noreturn]] void fail(std::string_view operation, std::string_view what) {
    std::fprintf(
        stderr,
        "%.*s: %.*s\n",
        static_cast<int>(operation.size()),
        operation.data(),
        static_cast<int>(what.size()),
        what.data()
    );
    std::abort();
}

std::string_view operation_of(std::string_view input) {
    return input.substr(0, input.find('\n'));
}

bool takes_document(const s3::Operation& operation) {
    return operation.body == s3::BodyKind::Document;
}

void every_document_operation_has_a_seed() {
    for (const auto& operation : s3::operations()) {
        bool seeded = false;
        for (const char* const* seed = benchtop_fuzz_seeds(); *seed != nullptr; ++seed) {
            seeded = seeded || operation_of(*seed) == operation.name;
        }
        if (takes_document(operation) && !seeded) {
            fail(operation.name, "has no seed in fuzz_documents.cpp");
        }
    }
}

void decode(const s3::Operation& operation, std::string_view document) {
    RequestHead head;
    head.method = operation.method;
    head.target = operation.level == s3::Level::Object ? "/bucket/key" : "/bucket";
    head.headers.add("Host", "localhost");
    head.headers.add("Content-MD5", "XUFAKrxLKna5cZ2REBfFkg==");
    const Query query = Query::parse(std::string(operation.selector) + "=x&id=a");
    const auto target = s3::resolve_target(head);
    const auth::Authenticated anybody;
    const s3::S3Request request{head, *target, query, anybody};
    const auto input = operation.decode(request);
    if (!input) {
        fail(operation.name, "refuses the head of this target: " + input.error().message());
    }
    (void)operation.decode_document(**input, document);
}

void run(std::string_view input) {
    static const bool seeded = (every_document_operation_has_a_seed(), true);
    (void)seeded;
    const auto line = input.find('\n');
    if (line == std::string_view::npos) {
        return;
    }
    const auto found =
        std::ranges::find(s3::operations(), operation_of(input), &s3::Operation::name);
    if (found != s3::operations().end() && takes_document(*found)) {
        decode(*found, input.substr(line + 1));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run({reinterpret_cast<const char*>(data), size});
    return 0;
}
