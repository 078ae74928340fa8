# Tests and benchmarks except the test programs of kafkascope_module().
enable_testing()

# Encoders and decoders as a program, which layout_test.py compares with Kafka's own definitions.
add_executable(kafkascope_protocol_dump tests/unit/protocol/protocol_dump.cc)
target_link_libraries(kafkascope_protocol_dump PRIVATE kafkascope_protocol)
target_include_directories(kafkascope_protocol_dump PRIVATE tests/unit)

# Benchmarks for `make bench`. Always compiled, so that it keeps compiling.
add_executable(kafkascope_micro_bench tests/bench/micro.cc)
if(KAFKASCOPE_SANITIZER)
  set_target_properties(kafkascope_micro_bench PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
target_link_libraries(kafkascope_micro_bench PRIVATE
  kafkascope_families kafkascope_metrics kafkascope_analysis kafkascope_protocol Catch2::Catch2WithMain)
target_include_directories(kafkascope_micro_bench PRIVATE tests/unit)

function(kafkascope_script name)
  add_test(NAME ${name} COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/tests/unit/${name}_test.py ${ARGN})
endfunction()
kafkascope_script(layers)
kafkascope_script(docs)
set_tests_properties(docs PROPERTIES ENVIRONMENT "KAFKASCOPE_BIN=$<TARGET_FILE:kafkascope>")
kafkascope_script(protocol/layout)
set_tests_properties(protocol/layout PROPERTIES ENVIRONMENT "PROTOCOL_DUMP=$<TARGET_FILE:kafkascope_protocol_dump>;\
KAFKA_CLIENTS_JAR=${CMAKE_CURRENT_SOURCE_DIR}/build/kafka/libs-4.3.1/kafka-clients-4.3.1.jar")
kafkascope_script(build/revision)
if(KAFKASCOPE_HARDENING AND NOT KAFKASCOPE_SANITIZER AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  kafkascope_script(build/hardening $<TARGET_FILE:kafkascope> $<TARGET_FILE:kafkascope_web> ${rdkafka_folder}/src/librdkafka.a)
endif()
if(KAFKASCOPE_SANITIZER STREQUAL "address")
  include(cmake/fuzz.cmake)
endif()
