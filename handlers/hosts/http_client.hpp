// HTTP/1.1 over Connection: enough for the Runtime API and for S3. Keeps one idle connection per
// origin.
#pragma once

#include "handlers/aws/transport.hpp"
#include "handlers/hosts/connection.hpp"

#include <map>
#include <memory>

namespace handlers::hosts {

// Not for use from several threads at once.
class HttpClient final : public aws::Transport {
public:
    // timeout_ms 0 waits for an answer without end (the Runtime API's long poll); connecting is
    // always bounded. Answers are limited to 64 KiB of head and 16 MiB of body. An exchange on a
    // connection that turns out to have been closed while idle is repeated once on a new one.
    aws::HttpResponse send(const aws::HttpRequest& request) override;

private:
    std::map<Origin, std::unique_ptr<Connection>> idle_;
};

} // namespace handlers::hosts
