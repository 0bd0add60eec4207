using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tutti.Reduction.Numerics;

/// <summary>How many float64 values one instruction works on; the kernels are compiled once per width.</summary>
internal interface ILanes<TVector>
{
    static abstract int Count { get; }
    static abstract TVector Load(ref readonly double source, nuint offset);
    static abstract void Store(TVector vector, ref double target, nuint offset);
    static abstract TVector Broadcast(double value);

    /// <summary>a b + c</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>c - a b</summary>
    static abstract TVector MultiplySubtract(TVector a, TVector b, TVector c);

    static abstract TVector Multiply(TVector a, TVector b);
    static abstract TVector Max(TVector a, TVector b);
    static abstract bool AnyBelow(TVector a, TVector limit);
    static abstract double Sum(TVector vector);
}

/// <summary>Eight values at a time.</summary>
internal readonly struct Lanes512 : ILanes<Vector512<double>>
{
    public static int Count => 8;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load(ref readonly double source, nuint offset) => Vector512.LoadUnsafe(in source, offset);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<double> vector, ref double target, nuint offset) => vector.StoreUnsafe(ref target, offset);
    public static Vector512<double> Broadcast(double value) => Vector512.Create(value);
    public static Vector512<double> MultiplyAdd(Vector512<double> a, Vector512<double> b, Vector512<double> c) => Vector512.FusedMultiplyAdd(a, b, c);
    public static Vector512<double> MultiplySubtract(Vector512<double> a, Vector512<double> b, Vector512<double> c) =>
        Vector512.FusedMultiplyAdd(-a, b, c);
    public static Vector512<double> Multiply(Vector512<double> a, Vector512<double> b) => a * b;
    public static Vector512<double> Max(Vector512<double> a, Vector512<double> b) => Vector512.Max(a, b);
    public static bool AnyBelow(Vector512<double> a, Vector512<double> limit) => Vector512.LessThanAny(a, limit);
    public static double Sum(Vector512<double> vector) => Vector512.Sum(vector);
}

/// <summary>Four values at a time.</summary>
internal readonly struct Lanes256 : ILanes<Vector256<double>>
{
    public static int Count => 4;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Load(ref readonly double source, nuint offset) => Vector256.LoadUnsafe(in source, offset);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<double> vector, ref double target, nuint offset) => vector.StoreUnsafe(ref target, offset);
    public static Vector256<double> Broadcast(double value) => Vector256.Create(value);
    public static Vector256<double> MultiplyAdd(Vector256<double> a, Vector256<double> b, Vector256<double> c) => Vector256.FusedMultiplyAdd(a, b, c);
    public static Vector256<double> MultiplySubtract(Vector256<double> a, Vector256<double> b, Vector256<double> c) =>
        Vector256.FusedMultiplyAdd(-a, b, c);
    public static Vector256<double> Multiply(Vector256<double> a, Vector256<double> b) => a * b;
    public static Vector256<double> Max(Vector256<double> a, Vector256<double> b) => Vector256.Max(a, b);
    public static bool AnyBelow(Vector256<double> a, Vector256<double> limit) => Vector256.LessThanAny(a, limit);
    public static double Sum(Vector256<double> vector) => Vector256.Sum(vector);
}
