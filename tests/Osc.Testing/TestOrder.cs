using System.Security.Cryptography;
using System.Text;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCaseOrderer(typeof(Osc.Testing.TestOrder))]

namespace Osc.Testing;

/// <summary>
/// The order of a class's tests: random, and the same on every machine. xUnit's own depends on where the program lies, so a test that
/// needs others before it, or not before it, would fail in one clone and in no other. OSC_TEST_ORDER, any text, gives another order.
/// </summary>
public sealed class TestOrder : ITestCaseOrderer
{
    private static readonly string Seed = Environment.GetEnvironmentVariable("OSC_TEST_ORDER") ?? "";

    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase =>
        [.. testCases.OrderBy(c => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed} {c.TestCaseDisplayName}"))), StringComparer.Ordinal)];
}
