using System.Text.Json.Serialization;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>Which way the axis of a diffraction pattern is turned.</summary>
[JsonConverter(typeof(KebabEnumConverter<AxisTurn>))]
public enum AxisTurn
{
    /// <summary>From scattering angle 2theta (degrees) to momentum transfer q (1/Angstrom).</summary>
    AngleToQ,

    /// <summary>From momentum transfer q (1/Angstrom) to scattering angle 2theta (degrees).</summary>
    QToAngle,
}

/// <summary>Turns the axis between 2theta and q = 4 pi sin(theta) / <paramref name="Wavelength"/> (Angstrom); the values stay. Errors:
/// <c>axis_out_of_range</c> beyond 180 degrees or below zero.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MomentumTransfer(double Wavelength, AxisTurn Turn = AxisTurn.AngleToQ) : PreparationStep
{
    internal override void Check() => Require.Parameter(
        Wavelength > 0 && double.IsFinite(Wavelength), $"A wavelength is above zero, not {Wavelength}.");

    internal override Applied Apply(Working work, References references)
    {
        var (low, high, most) = (work.Axis[0], work.Axis[^1], Turn == AxisTurn.AngleToQ ? 180 : 4 * Math.PI / Wavelength);
        Require.That(low >= 0 && high <= most, "axis_out_of_range", $"The axis runs from {low} to {high}; 0 to {most} can be turned.");
        return new Applied(
            work.WithAxis(Turn switch
            {
                AxisTurn.AngleToQ => new SpectralAxis("q", "1/Angstrom",
                    [.. work.Axis.Select(angle => 4 * Math.PI / Wavelength * Math.Sin(angle * Math.PI / 360))]),
                AxisTurn.QToAngle => new SpectralAxis("2theta", "degree",
                    [.. work.Axis.Select(q => 360 / Math.PI * Math.Asin(Math.Min(1, q * Wavelength / (4 * Math.PI))))]),
            }),
            this);
    }
}
