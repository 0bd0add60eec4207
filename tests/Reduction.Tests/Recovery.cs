using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

/// <summary>How close a resolution comes to the planted truth: components matched for the largest sum of correlations, one optimal scale each,
/// worst component.</summary>
internal static class Recovery
{
    public static (double C, double S) Errors(McrResult result, Matrix trueC, Matrix trueS)
    {
        var match = ComponentMatching.Match(result.C, result.S, trueC, trueS);
        return (match.WorstC, match.WorstS);
    }

    public static double Error(double[] found, double[] planted) => ComponentMatching.RelativeError(found, planted);
}
