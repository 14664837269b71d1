// XML out: S3's bytes. XML in: what is refused, and what survives.
#include "emulator/protocol/xml_reader.hpp"
#include "emulator/protocol/xml_writer.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::protocol;

namespace {

bool accepts(std::string_view body) {
    return parse_xml(body).has_value();
}

std::string nested(int depth) {
    std::string text;
    for (int n = 0; n < depth; ++n) {
        text += "<a>";
    }
    for (int n = 0; n < depth; ++n) {
        text += "</a>";
    }
    return text;
}

} // namespace

TEST_CASE("a document is a prolog line and one line of elements", "[protocol][xml]") {
    XmlWriter xml;
    xml.open("ListBucketResult", "http://s3.amazonaws.com/doc/2006-03-01/")
        .element("Name", "b")
        .empty("Prefix", EmptyElement::OpenClose)
        .element("KeyCount", std::uint64_t{1})
        .element("IsTruncated", false)
        .open("Contents")
        .element("ETag", "\"5d41\"")
        .close()
        .empty("Buckets")
        .close();
    CHECK(
        std::move(xml).take() ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>"
        "<Prefix></Prefix><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents>"
        "<ETag>&quot;5d41&quot;</ETag></Contents><Buckets/></ListBucketResult>"
    );
}

TEST_CASE("text is escaped as S3 escapes it", "[protocol][xml]") {
    CHECK(
        xml_escape("a&b<c>\"d'\r\n\t\x01", Quotes::Escape) ==
        "a&amp;b&lt;c&gt;&quot;d'&#13;\n\t&#1;"
    );
    CHECK(xml_escape("\"d\"", Quotes::Keep) == "\"d\"");
    CHECK(xml_escape("a\xFF<", Quotes::Keep) == "a\xEF\xBF\xBD&lt;");
    auto fragment = XmlWriter::fragment(Quotes::Keep);
    fragment.open_with("G", " a=\"b\"").text("\"<").close();
    CHECK(std::move(fragment).take() == "<G a=\"b\">\"&lt;</G>");
}

TEST_CASE("a document left open is a bug", "[protocol][xml]") {
    XmlWriter xml;
    xml.open("A");
    CHECK_THROWS_AS(std::move(xml).take(), std::logic_error);
}

TEST_CASE("elements are found by local name", "[protocol][xml]") {
    const auto document =
        parse_xml("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c -->\n"
                  "<s3:Delete xmlns:s3=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
                  "  <s3:Object><s3:Key>a&amp;b &#13;<![CDATA[<c>]]></s3:Key></s3:Object>\n"
                  "  <Object><Key> </Key></Object>\n"
                  "  <Quiet>true</Quiet>\n"
                  "</s3:Delete>\n");
    REQUIRE(document.has_value());
    CHECK(local_name(document->root()) == "Delete");
    const auto objects = children(document->root(), "Object");
    REQUIRE(objects.size() == 2);
    CHECK(child_text(objects[0], "Key") == "a&b \r<c>");
    CHECK(child_text(objects[1], "Key") == " ");
    CHECK(child_text(document->root(), "Quiet") == "true");
    CHECK_FALSE(child_text(document->root(), "quiet").has_value());
    CHECK(children(document->root()).size() == 3);
}

TEST_CASE("what is not plain bounded XML is MalformedXML", "[protocol][xml]") {
    CHECK(accepts("<a/>"));
    CHECK(accepts(" \n<a/>\n "));
    CHECK_FALSE(accepts(""));
    CHECK_FALSE(accepts("text"));
    CHECK_FALSE(accepts("{}"));
    CHECK_FALSE(accepts("<a>"));
    CHECK_FALSE(accepts("<a></b>"));
    CHECK_FALSE(accepts("<a/><b/>"));
    CHECK_FALSE(accepts("<a/>garbage"));
    CHECK_FALSE(accepts("garbage<a/>"));
    CHECK_FALSE(accepts("<!DOCTYPE a><a/>"));
    CHECK_FALSE(accepts("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"));
    CHECK_FALSE(accepts("<?php echo ?><a/>"));
    CHECK_FALSE(accepts("<a><?php echo ?></a>"));
    CHECK_FALSE(accepts("<a/><?xml version=\"1.0\"?>"));
    CHECK_FALSE(accepts("<a>\xff</a>"));
    CHECK_FALSE(accepts(std::string_view("<a>\0</a>", 8)));
    for (const std::string_view reference :
         {"&",
          "& ",
          "&nbsp;",
          "&AMP;",
          "&#;",
          "&#x;",
          "&#0;",
          "&#1;",
          "&#xD800;",
          "&#x110000;",
          "&#4294967296;",
          "&#12a;",
          "&#X41;",
          "&#-1;"}) {
        CAPTURE(reference);
        CHECK_FALSE(accepts("<a>" + std::string(reference) + "</a>"));
        CHECK_FALSE(accepts("<a b=\"" + std::string(reference) + "\"/>"));
        CHECK(accepts(
            "<a><![CDATA[" + std::string(reference) + "]]><!--" + std::string(reference) + "--></a>"
        ));
    }
    CHECK(accepts("<a>&amp;&lt;&gt;&quot;&apos;&#9;&#x1F600;</a>"));
    CHECK_FALSE(accepts("<a>\x01</a>"));
    CHECK(accepts("<a>\t\r\n</a>"));
    CHECK(accepts(nested(32)));
    CHECK_FALSE(accepts(nested(33)));
    CHECK_FALSE(accepts(nested(100000)));

    XmlLimits small;
    small.bytes_max = 4;
    CHECK(parse_xml("<a/>", small).has_value());
    const auto refused = parse_xml("<ab/>", small);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().status() == 400);
    CHECK(refused.error().code() == "MalformedXML");
    CHECK(
        refused.error().message() ==
        "The XML you provided was not well-formed or did not validate against our published schema"
    );
    CHECK(refused.error().closes_connection());
}
