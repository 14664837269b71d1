// Load for the whole lab flow over real sockets: POST /prod/presign, PUT the file, wait until
// processed/ has it.
//     bench_flow PORT API_PORT FILES CLIENTS
// Prints "files_per_s N median_ms M". The clock stops when a signed HEAD has found every file under
// processed/; with one client each file is waited for before the next, with several after the last
// upload (M is then of the uploads).
#include "handlers/aws/sigv4.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

class Connection {
public:
    explicit Connection(int port) {
        fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int one = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
            std::perror("connect");
            std::exit(1);
        }
    }

    ~Connection() { ::close(fd_); }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Status; `body` gets a Content-Length body unless the request was HEAD.
    int exchange(const std::string& request, bool head, std::string& body) {
        if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request.size())) {
            std::exit(1);
        }
        buffer_.clear();
        std::size_t end = std::string::npos;
        while (end == std::string::npos) {
            fill();
            end = buffer_.find("\r\n\r\n");
        }
        const int status = std::atoi(buffer_.c_str() + 9);
        std::size_t length = 0;
        if (const auto at = buffer_.find("Content-Length: "); at < end) {
            length = std::strtoul(buffer_.c_str() + at + 16, nullptr, 10);
        }
        if (!head) {
            while (buffer_.size() < end + 4 + length) {
                fill();
            }
            body.assign(buffer_, end + 4, length);
        }
        return status;
    }

private:
    void fill() {
        char piece[8192];
        const ssize_t n = ::recv(fd_, piece, sizeof(piece), 0);
        if (n <= 0) {
            std::fprintf(stderr, "the connection ended\n");
            std::exit(1);
        }
        buffer_.append(piece, static_cast<std::size_t>(n));
    }

    int fd_;
    std::string buffer_;
};

std::string now_amz() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[20];
    std::strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &parts);
    return text;
}

std::string signed_head(const std::string& host, const std::string& path) {
    static const std::string empty_hash =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const std::string date = now_amz();
    handlers::aws::SigningInput input;
    input.method = "HEAD";
    input.path = path;
    input.headers = {{"Host", host}, {"X-Amz-Content-Sha256", empty_hash}, {"X-Amz-Date", date}};
    input.payload_hash = empty_hash;
    const std::string authorization = handlers::aws::authorization(
        input,
        {date, "us-east-2"},
        {"AKIABENCHTOPLABADMIN", "BenchtopOfflineLaboratoryAdministrator00", ""}
    );
    return "HEAD " + path + " HTTP/1.1\r\nHost: " + host +
           "\r\nX-Amz-Content-Sha256: " + empty_hash + "\r\nX-Amz-Date: " + date +
           "\r\nAuthorization: " + authorization + "\r\n\r\n";
}

// Presign and PUT of one file; gives the path where the worker will put it, "" when something was
// refused.
std::string upload(Connection& s3, Connection& api, const std::string& host) {
    std::string body;
    const std::string ask =
        "POST /prod/presign HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    if (api.exchange(ask, false, body) != 200) {
        return "";
    }
    const auto document = boost::json::parse(body).as_object();
    const std::string url = document.at("uploadUrl").as_string().c_str();
    const std::string key = document.at("s3Key").as_string().c_str();
    const std::string target = url.substr(url.find('/', 8));
    std::string put =
        "PUT " + target + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 1024\r\n\r\n";
    put.append(1024, 'x');
    if (s3.exchange(put, false, body) != 200) {
        return "";
    }
    return "/student-upload-bucket-aj/processed/" + key.substr(key.find('/') + 1);
}

void wait_for(Connection& s3, const std::string& host, const std::string& moved) {
    std::string body;
    while (s3.exchange(signed_head(host, moved), true, body) != 200) {
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: bench_flow PORT API_PORT FILES CLIENTS\n");
        return 2;
    }
    const int port = std::atoi(argv[1]);
    const int api_port = std::atoi(argv[2]);
    std::atomic<int> left{std::atoi(argv[3])};
    const int files = left;
    const int clients = std::atoi(argv[4]);
    const std::string host = "127.0.0.1:" + std::to_string(port);
    std::mutex mutex;
    std::vector<double> times;
    std::atomic<bool> failed{false};
    const auto start = Clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i) {
        threads.emplace_back([&] {
            Connection s3(port);
            Connection api(api_port);
            std::vector<double> mine;
            std::vector<std::string> uploaded;
            while (left.fetch_sub(1) > 0 && !failed) {
                const auto begin = Clock::now();
                std::string moved = upload(s3, api, host);
                if (moved.empty()) {
                    failed = true;
                    break;
                }
                if (clients == 1) {
                    wait_for(s3, host, moved);
                } else {
                    uploaded.push_back(std::move(moved)); // asking all the time would be the load
                }
                mine.push_back(
                    std::chrono::duration<double, std::milli>(Clock::now() - begin).count()
                );
            }
            for (const std::string& moved : uploaded) {
                wait_for(s3, host, moved);
            }
            const std::lock_guard lock(mutex);
            times.insert(times.end(), mine.begin(), mine.end());
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    const double total = std::chrono::duration<double>(Clock::now() - start).count();
    if (failed || times.empty()) {
        std::fprintf(stderr, "a request was refused\n");
        return 1;
    }
    std::nth_element(
        times.begin(), times.begin() + static_cast<long>(times.size() / 2), times.end()
    );
    std::printf("files_per_s %.0f median_ms %.2f\n", files / total, times[times.size() / 2]);
    return 0;
}
