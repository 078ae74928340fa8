# Fuzzers, tests/fuzz/*.cc, of the folders that parse foreign input. Included if the address sanitizer is on. The runtime
# is Clang's libFuzzer, which works with GCC, too: tests/fuzz/coverage.cc adds what is missing.

# With coverage all tests of these folders call its functions.
set(folders config protocol web zookeeper)
add_library(kafkascope_coverage STATIC tests/fuzz/coverage.cc)
target_compile_options(kafkascope_coverage PRIVATE -fno-sanitize=all)
target_link_options(kafkascope_coverage INTERFACE -Wl,--wrap=__sanitizer_cov_trace_pc)
foreach(folder IN LISTS folders)
  target_compile_options(kafkascope_${folder} PRIVATE -fsanitize-coverage=trace-pc,trace-cmp)
  target_link_libraries(kafkascope_${folder} PUBLIC kafkascope_coverage)
endforeach()

file(GLOB libfuzzer /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-${CMAKE_SYSTEM_PROCESSOR}.a)
if(NOT libfuzzer)
  message(WARNING "No fuzzers: libFuzzer is missing. To install it: make deps-test, or on Debian and Ubuntu: apt-get install libclang-rt-dev")
  return()
endif()
list(SORT libfuzzer COMPARE NATURAL ORDER DESCENDING)
list(GET libfuzzer 0 libfuzzer)  # the newest

# kafkascope_fuzzer(name LIBRARIES library... [ARGUMENTS argument...]): arguments of libFuzzer, such as folders with seeds
# beside tests/fuzz/seeds/<name>.
add_custom_target(kafkascope_fuzzers)
function(kafkascope_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 fuzzer "" "" "LIBRARIES;ARGUMENTS")
  set(program kafkascope_fuzz_${name})
  add_executable(${program} tests/fuzz/${name}.cc)
  add_dependencies(kafkascope_fuzzers ${program})
  target_include_directories(${program} PRIVATE tests/unit)
  target_compile_definitions(${program} PRIVATE SOURCE_DIR=".")
  target_link_libraries(${program} PRIVATE ${fuzzer_LIBRARIES} ${libfuzzer})
  add_test(NAME fuzz/${name} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    COMMAND tests/fuzz/run.sh ${name} $<TARGET_FILE:${program}> ${fuzzer_ARGUMENTS})
endfunction()

kafkascope_fuzzer(config LIBRARIES kafkascope_config
  ARGUMENTS -dict=tests/fuzz/yaml.dict tests/unit/config/cases config)
kafkascope_fuzzer(web_config LIBRARIES kafkascope_web ARGUMENTS -dict=tests/fuzz/yaml.dict)
kafkascope_fuzzer(http_request LIBRARIES kafkascope_web ARGUMENTS -dict=tests/fuzz/http.dict)
kafkascope_fuzzer(tls_hello LIBRARIES kafkascope_web)
kafkascope_fuzzer(protocol LIBRARIES kafkascope_protocol ARGUMENTS -malloc_limit_mb=1)
kafkascope_fuzzer(zookeeper LIBRARIES kafkascope_zookeeper)
