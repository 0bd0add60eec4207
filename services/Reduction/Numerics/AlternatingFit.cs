namespace Tutti.Reduction.Numerics;

/// <summary>The two half steps of an iteration on one kind of data. C is held as components x spectra, S as components x channels.</summary>
internal abstract class AlternatingFit(ProfileSide concentrations, ProfileSide spectra)
{
    public ProfileSide Concentrations { get; } = concentrations;
    public ProfileSide Spectra { get; } = spectra;

    /// <summary>The (weighted) sum of squares of what is fitted.</summary>
    public abstract double TotalSquares { get; }

    /// <summary>The C that fits best to S; says how many spectra could not be closed. <paramref name="final"/>: nothing will change it before
    /// <see cref="FitSpectra"/>.</summary>
    public abstract int FitConcentrations(double[] s, double[] c, bool final, CancellationToken cancellation);

    /// <summary>The S that fits best to C.</summary>
    public abstract void FitSpectra(double[] c, double[] s, CancellationToken cancellation);

    /// <summary>The (weighted) sum of squares of what the model leaves, for the C of the last <see cref="FitSpectra"/>.</summary>
    public abstract double SquaresLeft(double[] c, double[] s, CancellationToken cancellation);
}
