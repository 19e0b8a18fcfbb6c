"""Operations that only ARM templates have, or that mean something else there (rows as in :mod:`.table`).

Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions, and the vectors of
Bicep's own tests, which run Microsoft's engine. Lambdas are For expressions in the tree; what asks Azure has no row.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.operations.table import Row

OPERATIONS: dict[str, Row] = {
    # text
    "arm.base64ToJson": ("arm_text.base64_to_json", "plain", "base64Value: string -> any"),
    "arm.concat": ("arm_text.concat", "shapes", "arg1: any, *args: any -> any"),
    "arm.dataUri": ("arm_text.data_uri", "plain", "stringToConvert: string -> string"),
    "arm.dataUriToString": ("arm_text.data_uri_to_string", "plain", "dataUriToConvert: string -> string"),
    "arm.endsWith": ("arm_text.ends_with", "plain", "stringToSearch: string, stringToFind: string -> bool"),
    "arm.fail": ("arm_text.fail_with", "plain", "message: string -> any"),
    "arm.format": ("arm_text.format_text", "values", "formatString: string, *args?: any -> string"),
    "arm.guid": ("arm_text.guid", "plain", "baseString: string, *extra: string -> string"),
    "arm.padLeft": ("arm_text.pad_left", "values", "value: any, totalLength: number, [char: string] -> string"),
    "arm.startsWith": ("arm_text.starts_with", "plain", "stringToSearch: string, stringToFind: string -> bool"),
    "arm.string": ("arm_text.string", "values", "value?: any -> string"),
    "arm.substring": ("arm_text.substring", "plain", "text: string, [start: number], [length: number] -> string"),
    "arm.uniqueString": ("arm_text.unique_string", "plain", "baseString: string, *extra: string -> string"),
    "arm.uri": ("arm_text.uri", "plain", "baseUri: string, relativeUri: string -> string"),
    "arm.uriComponent": ("arm_text.uri_component", "plain", "stringToEncode: string -> string"),
    "arm.uriComponentToString": ("arm_text.uri_component_to_string", "plain", "uriEncodedString: string -> string"),
    # numbers and logic
    "arm.bool": ("arm_values.to_bool", "values", "arg1: any -> bool"),
    "arm.div": ("arm_values.divide", "plain", "operand1: number, operand2: number -> number"),
    "arm.false": ("arm_values.false", "plain", "-> bool"),
    "arm.float": ("arm_values.to_float", "values", "arg1: any -> number"),
    "arm.int": ("arm_values.to_int", "values", "valueToConvert: any -> number"),
    "arm.max": ("arm_values.maximum", "values", "arg1: any, *args: number -> number"),
    "arm.min": ("arm_values.minimum", "values", "arg1: any, *args: number -> number"),
    "arm.null": ("arm_values.null", "plain", "-> any"),
    "arm.true": ("arm_values.true", "plain", "-> bool"),
    # text, arrays and objects alike
    "arm.array": ("arm_values.array", "shapes", "convertToArray: any -> any"),
    "arm.coalesce": ("arm_values.coalesce", "partial", "arg1?: any, *args?: any -> any"),
    "arm.contains": ("arm_values.contains", "values", "container: any, itemToFind: any -> bool"),
    "arm.createArray": ("arm_values.create_array", "partial", "*args?: any -> any"),
    "arm.createObject": ("arm_values.create_object", "partial", "*pairs?: any -> any"),
    "arm.distinct": ("arm_values.distinct", "values", "array: any -> any"),
    "arm.empty": ("arm_values.empty", "shapes", "itemToTest?: any -> bool"),
    "arm.first": ("arm_values.first", "shapes", "arg1: any -> any"),
    "arm.flatten": ("arm_values.flatten", "shapes", "arrayToFlatten: any -> any"),
    "arm.indexFromEnd": ("arm_values.index_from_end", "shapes", "array: any, reverseIndex: number -> any"),
    "arm.indexOf": ("arm_values.index_of", "values", "toSearch: any, toFind: any -> number"),
    "arm.intersection": ("arm_values.intersection", "values", "arg1: any, arg2: any, *args: any -> any"),
    "arm.items": ("arm_values.items", "shapes", "inputObject: any -> any"),
    "arm.last": ("arm_values.last", "shapes", "arg1: any -> any"),
    "arm.lastIndexOf": ("arm_values.last_index_of", "values", "toSearch: any, toFind: any -> number"),
    "arm.objectKeys": ("arm_values.object_keys", "shapes", "object: any -> any"),
    "arm.range": ("arm_values.number_range", "plain", "startIndex: number, count: number -> list(number)"),
    "arm.shallowMerge": ("arm_values.shallow_merge", "shapes", "entries: any -> any"),
    "arm.skip": ("arm_values.skip", "shapes", "originalValue: any, numberToSkip: number -> any"),
    "arm.take": ("arm_values.take", "shapes", "originalValue: any, numberToTake: number -> any"),
    "arm.tryGet": ("arm_values.try_get", "shapes", "itemToTest?: any, *keys: any -> any"),
    "arm.tryIndexFromEnd": ("arm_values.try_index_from_end", "shapes", "array: any, reverseIndex: number -> any"),
    "arm.union": ("arm_values.union", "values", "arg1: any, arg2: any, *args: any -> any"),
    # time and identity
    "arm.dateTimeAdd": ("arm_dates.add", "plain", "base: string, duration: string, [format: string] -> string"),
    "arm.dateTimeFromEpoch": ("arm_dates.from_epoch", "plain", "epochTime: number -> string"),
    "arm.dateTimeToEpoch": ("arm_dates.to_epoch", "plain", "dateTime: string -> number"),
    "arm.newGuid": ("hashing.uuid_random", "scoped", "-> string"),
    "arm.utcNow": ("arm_dates.now", "scoped", "[format: string] -> string"),
    # addresses
    "arm.cidrHost": ("arm_network.cidr_host", "plain", "network: string, hostIndex: number -> string"),
    "arm.cidrSubnet": (
        "arm_network.cidr_subnet",
        "plain",
        "network: string, cidr: number, index: number -> string",
    ),
    "arm.parseCidr": ("arm_network.parse_cidr", "plain", "network: string -> any"),
    # resource ids
    "arm.extensionResourceId": ("arm_ids.extension_id", "plain", "resourceId: string, *names: string -> string"),
    "arm.managementGroupResourceId": ("arm_ids.management_group_id", "plain", "*names: string -> string"),
    "arm.resourceId": ("arm_ids.resource_id", "plain", "*names: string -> string"),
    "arm.subscriptionResourceId": ("arm_ids.subscription_id", "plain", "*names: string -> string"),
    "arm.tenantResourceId": ("arm_ids.tenant_id", "plain", "*names: string -> string"),
}
