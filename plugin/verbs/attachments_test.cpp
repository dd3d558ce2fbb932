#include "plugin/verbs/attachments.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "plugin/verbs/fakes.h"
#include "rules/policy/policy_json.h"

using namespace sluice;

namespace {

AttachmentRecord record_of(const std::string& container) {
  AttachmentRecord record;
  record.attachment = {container, "eth0"};
  record.network = "podnet";
  record.netns = "/run/netns/x";
  record.netns_inode = 4026532000;
  record.pod_namespace = "default";
  record.pod_name = "details";
  record.pod_uid = "uid-1";
  record.policy =
      parse_policy(R"({"ports":{"outbound":16001},"inbound":{"exclude":["80-90"]}})").value();
  return record;
}

std::size_t files_in(const std::string& directory) {
  const std::filesystem::directory_iterator files(directory);
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

unsigned mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a record comes back as it was written") {
  const fake::Directory directory;
  const AttachmentStore store(directory.path() + "/a/b");
  AttachmentRecord record = record_of("c1");
  REQUIRE(store.save(record).has_value());
  auto read = store.load(record.attachment).value();
  REQUIRE(read.has_value());
  CHECK(read->attachment == record.attachment);
  CHECK(read->network == "podnet");
  CHECK(read->netns == "/run/netns/x");
  CHECK(read->netns_inode == 4026532000);
  CHECK(read->pod_namespace == "default");
  CHECK(read->pod_name == "details");
  CHECK(read->pod_uid == "uid-1");
  CHECK(read->policy == record.policy);

  record.policy.reset();
  record.passed_because = "no sidecar";
  REQUIRE(store.save(record).has_value());
  read = store.load(record.attachment).value();
  CHECK_FALSE(read->policy.has_value());
  CHECK(read->passed_because == "no sidecar");
  CHECK(files_in(directory.path() + "/a/b/attachments") == 1);
}

TEST_CASE("records are for their owner's eyes") {
  const fake::Directory directory;
  const AttachmentStore store(directory.path());
  REQUIRE(store.save(record_of("c1")).has_value());
  CHECK(mode_of(directory.path() + "/attachments") == 0700);
  CHECK(mode_of(directory.path() + "/attachments/c1:eth0.json") == 0600);
}

TEST_CASE("what is not there loads as nothing, lists as nothing and can be removed") {
  const fake::Directory directory;
  const AttachmentStore store(directory.path() + "/none");
  CHECK_FALSE(store.load({"c1", "eth0"}).value().has_value());
  CHECK(store.list().value().empty());
  CHECK(store.remove({"c1", "eth0"}).has_value());
}

TEST_CASE("removing takes one attachment, and what a killed call left of it") {
  const fake::Directory directory;
  const AttachmentStore store(directory.path());
  REQUIRE(store.save(record_of("c1")).has_value());
  REQUIRE(store.save(record_of("c2")).has_value());
  std::ofstream(directory.path() + "/attachments/c1:eth0.json.tmp") << "{";
  REQUIRE(store.remove({"c1", "eth0"}).has_value());
  CHECK(store.list().value() == std::vector<cni::Attachment>{{"c2", "eth0"}});
  CHECK(files_in(directory.path() + "/attachments") == 1);
}

TEST_CASE("a half-written record is no record, is listed, and is written over") {
  const fake::Directory directory;
  const AttachmentStore store(directory.path());
  REQUIRE(store.save(record_of("c2")).has_value());
  std::ofstream(directory.path() + "/attachments/c1:eth0.json.tmp") << R"({"very long)" << 12345;
  std::ofstream(directory.path() + "/attachments/README") << "not ours";
  CHECK_FALSE(store.load({"c1", "eth0"}).value().has_value());
  CHECK(store.list().value().size() == 2);
  REQUIRE(store.save(record_of("c1")).has_value());
  CHECK(store.load({"c1", "eth0"}).value().has_value());
  CHECK(files_in(directory.path() + "/attachments") == 3);
}

TEST_CASE("a record that cannot be read is malformed, and one that cannot be written an error") {
  const fake::Directory directory;
  const AttachmentStore store(directory.path());
  REQUIRE(store.save(record_of("c1")).has_value());
  const std::string file = directory.path() + "/attachments/c1:eth0.json";
  for (const char* text : {"", "{", "{}", "[]", R"({"containerId":1})"}) {
    std::ofstream(file, std::ios::trunc) << text;
    const auto read = store.load({"c1", "eth0"});
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == Errc::Malformed);
  }
  const AttachmentStore nowhere(file);
  const auto saved = nowhere.save(record_of("c1"));
  REQUIRE_FALSE(saved.has_value());
  CHECK(saved.error().code == Errc::Io);
  CHECK(nowhere.remove({"c1", "eth0"}).has_value());
}

TEST_CASE("bytes that are not UTF-8 do not stop a record") {
  const fake::Directory directory;
  const AttachmentStore store(directory.path());
  AttachmentRecord record = record_of("c1");
  record.pod_uid = "\xFF\xFE";
  REQUIRE(store.save(record).has_value());
  CHECK(store.load(record.attachment).value().has_value());
}
