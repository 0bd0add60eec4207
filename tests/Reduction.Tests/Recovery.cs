using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

/// <summary>How close a resolution comes to the planted truth: components matched for the largest sum of correlations, one optimal scale each,
/// worst component.</summary>
internal static class Recovery
{
    public static (double C, double S) Errors(McrResult result, Matrix trueC, Matrix trueS)
    {
        var order = Permutations(Enumerable.Range(0, trueS.Rows).ToArray())
            .MaxBy(order => order.Select((found, planted) => Alike(result.S.Row(found).ToArray(), trueS.Row(planted).ToArray())
                + Alike(result.C.Column(found), trueC.Column(planted))).Sum()) ?? [];
        double c = 0, s = 0;
        for (var planted = 0; planted < order.Length; planted++)
        {
            c = Math.Max(c, Error(result.C.Column(order[planted]), trueC.Column(planted)));
            s = Math.Max(s, Error(result.S.Row(order[planted]).ToArray(), trueS.Row(planted).ToArray()));
        }
        return (c, s);
    }

    private static double Alike(double[] a, double[] b) => Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));

    public static double Error(double[] found, double[] planted)
    {
        var scale = Dot(found, planted) / Dot(found, found);
        return Math.Sqrt(found.Zip(planted, (a, b) => (scale * a - b) * (scale * a - b)).Sum() / Dot(planted, planted));
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static IEnumerable<int[]> Permutations(int[] items) => items.Length <= 1
        ? [items]
        : items.SelectMany(first => Permutations([.. items.Where(item => item != first)]).Select(rest => (int[])[first, .. rest]));
}
