namespace Osc.Integration;

/// <summary>"make check" tries more cases than "make test": OSC_TEST_SCALE times as many.</summary>
internal static class TestScale
{
    private static readonly int Factor = int.TryParse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE"), out var factor) ? factor : 1;

    public static int Times(int cases) => cases * Factor;
}
