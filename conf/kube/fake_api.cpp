#include "conf/kube/fake_api.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace sluice::kube {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

std::string hex_decoded(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      decoded += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::string parameter(const std::string& query, const std::string& name) {
  const std::size_t at = ("&" + query).find("&" + name + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 1;
  return hex_decoded(query.substr(begin, query.find('&', begin) - begin));
}

void chunk(Reply& reply, const std::string& line) {
  static constexpr char Digits[] = "0123456789abcdef";
  std::string size;
  for (std::size_t left = line.size(); left > 0; left /= 16) size.insert(0, 1, Digits[left % 16]);
  static_cast<void>(reply.write(size + "\r\n" + line + "\r\n"));
}

}  // namespace

class FakeApi::Store {
 public:
  struct Event {
    int version;
    std::string collection;
    json event;
  };

  void answer(const HttpRequest& request, Reply& reply) {
    const std::size_t mark = request.target.find('?');
    const std::string path = request.target.substr(0, mark);
    const std::string query =
        mark == std::string::npos ? std::string() : request.target.substr(mark + 1);
    if (const auto status = refusal(request.method, path)) {
      return reply_json(reply, *status, status_json(*status, "Refused", "refused for the test"));
    }
    if (parameter(query, "watch") == "true") return watch(path, query, reply);
    const std::size_t slash = path.rfind('/');
    const std::string collection = path.substr(0, slash);
    const std::string name = path.substr(slash + 1);
    std::unique_lock lock(mutex);
    const bool is_list = request.method == "GET" && collections.count(path) > 0;
    if (!is_list) requests.push_back(request.method + " " + path);
    if (is_list) return list(path, query, reply);
    if (request.method == "POST") return create(path, request.body, reply);
    const auto known = collections.find(collection);
    if (known == collections.end() || known->second.count(name) == 0) {
      return reply_json(reply, 404, status_json(404, "NotFound", "\"" + name + "\" not found"));
    }
    const json& held = known->second[name];
    if (request.method == "PUT") return replace(collection, held, request.body, reply);
    if (request.method == "PATCH") return patch(collection, held, request.body, reply);
    reply_json(reply, 200, held.dump());
  }

  void put(const std::string& collection, json object) {
    const std::string name = object["metadata"]["name"];
    const bool there = collections[collection].count(name) > 0;
    object["metadata"]["resourceVersion"] = std::to_string(++version);
    collections[collection][name] = object;
    tell(collection, there ? "MODIFIED" : "ADDED", std::move(object));
  }

  void remove(const std::string& collection, const std::string& name) {
    json object = collections[collection][name];
    object["metadata"]["resourceVersion"] = std::to_string(++version);
    collections[collection].erase(name);
    tell(collection, "DELETED", std::move(object));
  }

  std::mutex mutex;
  std::condition_variable told;
  int version = 100;
  int oldest = 0;      // places before it are not known any more
  int generation = 0;  // of watches: those of another one end
  std::map<std::string, std::map<std::string, json>> collections;
  std::vector<Event> events;
  std::vector<std::string> requests;
  std::map<std::pair<std::string, std::string>, int> refused;
  int lists = 0;
  int watches = 0;

 private:
  std::optional<int> refusal(const std::string& method, const std::string& path) {
    const std::lock_guard lock(mutex);
    for (const auto& [what, status] : refused) {
      if (what.first == method && path.starts_with(what.second)) return status;
    }
    return std::nullopt;
  }

  void tell(const std::string& collection, const char* type, json object) {
    events.push_back({version, collection, {{"type", type}, {"object", std::move(object)}}});
    told.notify_all();
  }

  static bool selects(const std::string& query, const json& object) {
    const std::string selector = parameter(query, "fieldSelector");
    return selector.empty() ||
           selector == "metadata.name=" + object["metadata"]["name"].get<std::string>();
  }

  void list(const std::string& path, const std::string& query, Reply& reply) {
    ++lists;
    json items = json::array();
    std::size_t skip = std::stoul("0" + parameter(query, "continue"));
    const std::size_t limit = std::stoul("0" + parameter(query, "limit"));
    const std::size_t first = skip;
    json metadata{{"resourceVersion", std::to_string(version)}};
    for (const auto& [name, object] : collections[path]) {
      if (!selects(query, object)) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      if (limit > 0 && items.size() == limit) {
        metadata["continue"] = std::to_string(first + limit);
        break;
      }
      items.push_back(object);
    }
    reply_json(reply, 200, json{{"kind", "List"}, {"metadata", metadata}, {"items", items}}.dump());
  }

  void create(const std::string& path, const std::string& body, Reply& reply) {
    const json object = json::parse(body);
    const std::string name = object["metadata"]["name"];
    if (collections.count(path) == 0) {
      return reply_json(reply, 404, status_json(404, "NotFound", "no such collection"));
    }
    if (collections[path].count(name) > 0) {
      return reply_json(reply, 409, status_json(409, "AlreadyExists", "it is there already"));
    }
    put(path, object);
    reply_json(reply, 201, collections[path][name].dump());
  }

  void replace(const std::string& collection, const json& held, const std::string& body,
               Reply& reply) {
    const json object = json::parse(body);
    if (held["metadata"]["resourceVersion"] != object["metadata"].value("resourceVersion", "")) {
      return reply_json(reply, 409, status_json(409, "Conflict", "it has been modified"));
    }
    put(collection, object);
    reply_json(reply, 200, object.dump());
  }

  void patch(const std::string& collection, const json& held, const std::string& body,
             Reply& reply) {
    json changed;
    try {
      changed = held.patch(json::parse(body));
    } catch (const json::exception& error) {
      return reply_json(reply, 422, status_json(422, "Invalid", error.what()));
    }
    put(collection, changed);
    reply_json(reply, 200, changed.dump());
  }

  void watch(const std::string& path, const std::string& query, Reply& reply) {
    std::unique_lock lock(mutex);
    ++watches;
    int seen = std::stoi(parameter(query, "resourceVersion"));
    if (seen < oldest) {
      return reply_json(reply, 410, status_json(410, "Expired", "too old resource version"));
    }
    const int mine = generation;
    static_cast<void>(reply.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"));
    while (generation == mine) {
      for (const Event& event : std::vector<Event>(events)) {
        if (event.version <= seen) continue;
        seen = event.version;
        if (event.collection != path || !selects(query, event.event["object"])) continue;
        chunk(reply, event.event.dump() + "\n");
      }
      lock.unlock();
      const bool go_on = reply.sleep(2ms);
      lock.lock();
      if (!go_on) return;
    }
    static_cast<void>(reply.write("0\r\n\r\n"));
  }
};

FakeApi::FakeApi()
    : store_(std::make_unique<Store>()), authority_(Authority::create("fake API").value()) {
  ServerOptions options;
  options.identity = authority_.issue({"api", {"127.0.0.1"}}).value();
  server_ = std::make_unique<Server>(
      Server::start(options, [this](const HttpRequest& request, Reply& reply) {
        store_->answer(request, reply);
      }).value());
}

FakeApi::~FakeApi() = default;

void FakeApi::put(const std::string& collection, json object) {
  const std::lock_guard lock(store_->mutex);
  store_->put(collection, std::move(object));
}

void FakeApi::remove(const std::string& collection, const std::string& name) {
  const std::lock_guard lock(store_->mutex);
  store_->remove(collection, name);
}

json FakeApi::object(const std::string& collection, const std::string& name) const {
  const std::lock_guard lock(store_->mutex);
  const auto& objects = store_->collections[collection];
  const auto found = objects.find(name);
  return found == objects.end() ? json() : found->second;
}

void FakeApi::serve(const std::string& collection) {
  const std::lock_guard lock(store_->mutex);
  store_->collections[collection];
}

void FakeApi::end_watches(Places places) {
  const std::lock_guard lock(store_->mutex);
  ++store_->generation;
  if (places == Places::Forget) store_->oldest = ++store_->version;
}

void FakeApi::refuse(const std::string& method, const std::string& path, int status) {
  const std::lock_guard lock(store_->mutex);
  store_->refused[{method, path}] = status;
}

void FakeApi::refuse_nothing() {
  const std::lock_guard lock(store_->mutex);
  store_->refused.clear();
}

std::vector<std::string> FakeApi::requests() const {
  const std::lock_guard lock(store_->mutex);
  return store_->requests;
}

int FakeApi::lists() const {
  const std::lock_guard lock(store_->mutex);
  return store_->lists;
}

int FakeApi::watches() const {
  const std::lock_guard lock(store_->mutex);
  return store_->watches;
}

ClusterAccess FakeApi::access() const {
  ClusterAccess access;
  access.origin = "test";
  access.host = "127.0.0.1";
  access.port = server_->port();
  access.ca_pem = authority_.certificate_pem();
  return access;
}

std::shared_ptr<const Client> FakeApi::client() const {
  return std::make_shared<const Client>(Client::create(access()).value());
}

}  // namespace sluice::kube
