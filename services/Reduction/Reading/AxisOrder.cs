using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>Axes run upwards in a series, whichever way the file has them.</summary>
internal static class AxisOrder
{
    /// <summary>1 strictly rising, -1 strictly falling, 0 neither.</summary>
    public static int Direction(ReadOnlySpan<double> values)
    {
        if (values.Length < 2) return values.Length;
        var sign = Math.Sign(values[1] - values[0]);
        for (var index = 1; index < values.Length; index++)
            if (Math.Sign(values[index] - values[index - 1]) != sign) return 0;
        return sign;
    }

    /// <summary>Turns axis and spectra round where the axis falls.</summary>
    public static (double[] Axis, Matrix Data) Rising(double[] axis, Matrix data)
    {
        if (Direction(axis) >= 0) return (axis, data);
        var reversed = Enumerable.Range(0, axis.Length).Reverse().ToArray();
        return ([.. reversed.Select(index => axis[index])], data.SelectColumns(reversed));
    }
}
