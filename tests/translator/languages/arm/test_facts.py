"""What Azure's documentation and the tests of its own engine say that functions give."""

from __future__ import annotations

import pytest

from bakelift.translator.languages.arm.parser import parse_arm
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.values import to_expr

FACTS: dict[str, object] = {
    "guid('foo','bar','baz')": "2ed86837-7c7c-5eaa-9864-dd077fd19b0d",
    "uniqueString('snap','crackle','pop')": "byghxckddilkc",
    "format('{0}/{1}/{2}/{3}',1,2,3,true())": "1/2/3/True",
    "concat('a', string(1), '-', false())": "a1-False",
    "concat('[', '''test''', ']')": "['test']",
    "format('{{{0}}}', 'x')": "{x}",
    "take('abc',2)": "ab",
    "take('abc',9)": "abc",
    "skip('abc',1)": "bc",
    "substring('abcdef',1,3)": "bcd",
    "padLeft('5',3,'0')": "005",
    "indexOf('abcABC','B')": 1,
    "lastIndexOf('abcb','b')": 3,
    "startsWith('Hello','he')": True,
    "endsWith('Hello','LO')": True,
    "contains('Hello','el')": True,
    "contains('Hello','EL')": False,
    "contains(createArray('a','b'),'A')": False,
    "empty('')": True,
    "empty(null())": True,
    "empty(createObject())": True,
    "coalesce(null(),'')": "",
    "add(5,3)": 8,
    "div(7,2)": 3,
    "mod(7,3)": 1,
    "int('4')": 4,
    "max(createArray(1,5))": 5,
    "min(2,1)": 1,
    "first('abc')": "a",
    "last(createArray(1,2))": 2,
    "split('a,b',',')[1]": "b",
    "join(createArray('a','b'),'-')": "a-b",
    "replace('a-b','-','_')": "a_b",
    "base64('a')": "YQ==",
    "base64ToString('YQ==')": "a",
    "uriComponent('a b')": "a%20b",
    "uriComponentToString('a%20b')": "a b",
    "uri('http://c.org/d/e','f')": "http://c.org/d/f",
    "dataUri('Hello')": "data:text/plain;charset=utf-8;base64,SGVsbG8=",
    "range(5,3)": [5, 6, 7],
    "union(createArray(1,2),createArray(2,3))": [1, 2, 3],
    "intersection(createArray(1,2),createArray(2,3))": [2],
    "flatten(createArray(createArray(1),createArray(2)))": [1, 2],
    "createObject('a',1).a": 1,
    "items(createObject('b',1,'a',2))[0].key": "a",
    "tryGet(createObject('a',1),'b')": None,
    "shallowMerge(createArray(createObject('a',1),createObject('a',2))).a": 2,
    "json('{\"a\":1}').a": 1,
    "string(createArray(1,2))": "[1,2]",
    "bool('true')": True,
    "map(createArray(1,2),lambda('x',add(lambdaVariables('x'),1)))": [2, 3],
    "dateTimeAdd('2020-01-01T00:00:00Z','PT1H','yyyy-MM-ddTHH:mm:ssZ')": "2020-01-01T01:00:00Z",
    "dateTimeFromEpoch(1577836800)": "2020-01-01T00:00:00Z",
    "dateTimeToEpoch('2020-01-01T00:00:00Z')": 1577836800,
    "parseCidr('10.144.0.0/20').netmask": "255.255.240.0",
    "cidrSubnet('10.144.0.0/20',24,0)": "10.144.0.0/24",
    "cidrHost('10.144.3.0/24',0)": "10.144.3.1",
    "equals('a','A')": False,
    "tenantResourceId('A.B/c/d','x','y')": "/providers/A.B/c/x/d/y",
    "extensionResourceId('/x','A.B/c','n')": "/x/providers/A.B/c/n",
    "and(true(),false())": False,
    "or(false(),true())": True,
    "if(equals(1,1),'a','b')": "a",
}


def plain(expr: Expr) -> object:
    if isinstance(expr, ListExpr):
        return [plain(item) for item in expr.items]
    return expr.value if isinstance(expr, Literal) else expr


@pytest.mark.parametrize("text", FACTS)
def test_fact(text: str) -> None:
    assert plain(to_expr(evaluate(parse_arm(text), Scope()))) == FACTS[text]
